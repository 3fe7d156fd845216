// SPDX-License-Identifier: GPL-3.0-or-later
// Copyright (C) 2026 The bl23 authors
// The samples 0 .. 9999 of the survey @fig3: how many survive, and the least tension.
// c++ scan.cpp $(pkg-config --cflags --libs bl23)
#include <bl23.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

static void check(std::int32_t code, const bl23_message &message)
{
    if (code != BL23_CODE_OK)
        throw std::runtime_error(message.text);
}

static std::int32_t show(void *, std::uint64_t done, std::uint64_t total)
{
    std::fprintf(stderr, "%llu of %llu\n", static_cast<unsigned long long>(done),
                 static_cast<unsigned long long>(total));
    return 0; // go on
}

int main()
{
    const std::string survey = "@fig3";
    const std::uint64_t samples = 10000;
    bl23_message message;
    bl23_handle *opened = nullptr;
    try {
        check(bl23_open(survey.data(), survey.size(), nullptr, &opened, &message), message);
        const std::unique_ptr<bl23_handle, void (*)(bl23_handle *)> handle(opened, bl23_close);
        std::vector<double> tension(samples), survives(samples);
        const char *const columns[] = {"tension", "survives"};
        double *const values[] = {tension.data(), survives.data()};
        const bl23_request request = {2, columns, values, 2, show, nullptr};
        check(bl23_samples(handle.get(), 0, samples, &request, &message), message);
        std::printf("%d survive, least tension %.17g\n",
                    static_cast<int>(std::count(survives.begin(), survives.end(), 1.0)),
                    *std::min_element(tension.begin(), tension.end()));
    } catch (const std::exception &error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
    return 0;
}
