/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "kernels/sample/record.h"

static struct {
    char const *name, *unit, *text;
} const columns[BL23_COLUMNS] = {
#define ROW(name, unit, text, quantity) {#name, unit, text},
    BL23_COLUMN_LIST(ROW)
#undef ROW
};

int bl23_column_count(unsigned groups)
{
    int count = 0;
    for (int c = 0; c < BL23_COLUMNS; c++)
        count += bl23_has_column(groups, c);
    return count;
}

char const *bl23_column_name(int column)
{
    return columns[column].name;
}

char const *bl23_column_unit(int column)
{
    return columns[column].unit;
}

char const *bl23_column_text(int column)
{
    return columns[column].text;
}
