# Dollars: statements of banks and what is proposed around cash, as files.
navkeeper_library(nk_nav_cash_files SOURCES bai2_statement.cpp camt_statement.cpp cash_json.cpp xml_reader.cpp
  USES nk_nav_cash nk_json PRIVATE_USES nk_base nk_model nk_money nk_runtime nk_time)
