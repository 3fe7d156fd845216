/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The commands of bl23, one function each, listed once.
 * main.c dispatches by this list; each command lists its own options for arguments.h.
 * It must not know how a command works. */
#ifndef BL23_HOST_COMMANDS_H
#define BL23_HOST_COMMANDS_H

#include "kernels/sample/model.h"

/* name, one line of help */
#define BL23_COMMAND_LIST(X)                                                                       \
    X(survey, "draw samples, judge them, write the survivors to an HDF5 file")                     \
    X(merge, "make one output out of parts of a survey that were computed apart")                  \
    X(replay, "rebuild and verify the survivors of a survey from their indices")                   \
    X(point, "every amplitude, rate, limit and verdict of one point")                              \
    X(plane, "regions of the (m_Z', g) plane: edges in g of every constraint, c tau contours")     \
    X(fit, "the row (W_u)_1i that gives wanted rates: Table I of the paper, or your own")          \
    X(tables, "one-loop tables C_L, C_R, A_X, forms and kappa at one or more masses")              \
    X(bound, "exact statements for all W_u: excluded by proof, or open with a witness")            \
    X(reproduce, "every number of the paper beside ours, PASS or the reason why not")              \
    X(check, "validate a configuration and show it resolved; draws nothing")                       \
    X(bench, "throughput of the shipped surveys on every backend present")                         \
    X(info, "version, build, instruction sets, devices, inputs")

/* argv[0] is the command's name. Results go to stdout; on failure *error holds the sentence. */
#define DECLARE(name, text)                                                                        \
    enum bl23_status bl23_cmd_##name(int argc, char **argv, struct bl23_error *error);
BL23_COMMAND_LIST(DECLARE)
#undef DECLARE

#endif
