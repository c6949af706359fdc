# cmake -DSQL_DIR=... -DOUTPUT=... -P embed_sql.cmake
# Writes a .cpp that holds every file of sql/, so that the executable needs no folder beside it.
file(GLOB_RECURSE files RELATIVE ${SQL_DIR} ${SQL_DIR}/*.sql)
list(SORT files)
set(text "// Made by cmake/embed_sql.cmake from sql/.\n#include \"common/db/migrations.h\"\n\nnamespace navkeeper::db {\n\n")
string(APPEND text "const std::vector<SqlFile>& embedded_sql() {\n  static const std::vector<SqlFile> kFiles{\n")
foreach(file ${files})
  file(READ ${SQL_DIR}/${file} content HEX)
  # In pieces: a string literal of a compiler may have a limit. Written as bytes, so that no content can end it early.
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" content "${content}")
  string(REGEX REPLACE "((\\\\x[0-9a-f][0-9a-f]){32})" "\\1\"\n       \"" content "${content}")
  string(APPEND text "      {\"${file}\",\n       \"${content}\"},\n")
endforeach()
string(APPEND text "  };\n  return kFiles;\n}\n\n}  // namespace navkeeper::db\n")
file(WRITE ${OUTPUT} "${text}")
