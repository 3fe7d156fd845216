#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Each kind of forgery of forge_campaign.py once; a thousand with another seed for BL23_SLOW=1."""

import argparse
import os

import pytest

import survey_tools as t
import forge_campaign

CASES, SEED = (1000, 2) if t.SLOW else (len(forge_campaign.KINDS), 1)
CONTROLS = forge_campaign.CONTROLS


@pytest.fixture(scope="module")
def results(bl23, shared):
    """What is wrong with the answers to each case; all are run at once, on every processor."""
    options = argparse.Namespace(folder=shared, seed=SEED, keep=False, jobs=os.cpu_count())
    return forge_campaign.run_campaign(bl23, options, range(CASES))


@pytest.mark.parametrize("control", CONTROLS, ids=[" ".join(control) for control in CONTROLS])
def test_genuine(results, control):
    """The commands accept genuine files."""
    told = results[control]
    if told is None:
        pytest.skip("root cannot run this case here")
    assert not told, "\n".join(told)


@pytest.mark.parametrize(
    "number", range(CASES), ids=[f"{n} {forge_campaign.kind_of(n)}" for n in range(CASES)]
)
def test_forgery(results, number):
    """A forgery is not taken for genuine, and does not break the program."""
    told = results[number]
    if told is None:
        pytest.skip("root cannot run this case here")
    assert not told, "\n".join(told)
