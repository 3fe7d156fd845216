# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
# cmake -DFILES=a;b -DFOLDER=folder -DOUT=file -P embed.cmake: write the files as C arrays and a
# table of them, `files`. Their names are relative to the folder; a row without a name ends it.
set(arrays "")
set(table "")
set(number 0)
foreach(file IN LISTS FILES)
  file(RELATIVE_PATH name ${FOLDER} ${file})
  file(READ ${file} hex HEX)
  string(REGEX REPLACE "(................................)" "\\1\n" hex "${hex}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  string(APPEND arrays "static unsigned char const data_${number}[] = {\n${bytes}};\n")
  string(APPEND table "    {\"${name}\", data_${number}, sizeof data_${number}},\n")
  math(EXPR number "${number} + 1")
endforeach()
file(WRITE ${OUT}
  "${arrays}static struct bl23_embedded_file const files[] = {\n${table}    {0}};\n")
