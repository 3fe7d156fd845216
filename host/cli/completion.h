/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Scripts with which shells complete commands, options and their values, made from the rows of the
 * commands. `bl23 help --completion` prints them, and the build installs them. */
#ifndef BL23_HOST_COMPLETION_H
#define BL23_HOST_COMPLETION_H

#define BL23_COMPLETION_SHELLS "bash zsh fish"

/* Print the script of one of these shells. */
void bl23_completion_print(char const *shell);

#endif
