/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* libFuzzer target: any bytes as the configuration of a survey. What is accepted must print itself
 * as YAML that is accepted again and prints the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "host/config/config.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    struct bl23_error error = {BL23_OK, ""};
    struct bl23_config *config, *again;
    if (bl23_config_parse("fuzz.yaml", (char const *)data, size, &config, &error) != BL23_OK) {
        if (error.text[0] == '\0')
            abort();
        return 0;
    }
    char *text, *text_again;
    if (bl23_config_text(config, &text, &error) != BL23_OK)
        abort();
    error = (struct bl23_error){BL23_OK, ""};
    if (bl23_config_parse("fuzz.yaml", text, strlen(text), &again, &error) != BL23_OK)
        abort();
    if (bl23_config_text(again, &text_again, &error) != BL23_OK || strcmp(text, text_again) != 0)
        abort();
    free(text);
    free(text_again);
    bl23_config_free(config);
    bl23_config_free(again);
    return 0;
}
