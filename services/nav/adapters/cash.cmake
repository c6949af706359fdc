# Dollars: statements of banks, cash, coin trades, share positions, financial statements, indicative values.
navkeeper_library(nk_nav_cash_files SOURCES bai2_statement.cpp camt_statement.cpp cash_json.cpp xml_reader.cpp
  USES nk_nav_cash nk_json PRIVATE_USES nk_base nk_model nk_money nk_runtime nk_time)
navkeeper_library(nk_nav_cash_store
  SOURCES bank_reconciliation_store.cpp bank_reconciliation_view.cpp bank_store.cpp cash_view_store.cpp indicative_store.cpp
          share_position_store.cpp statements_view.cpp trade_orders_store.cpp trade_store.cpp
  ALONE cash_debt_store.cpp cash_store.cpp statements_store.cpp
  USES nk_db nk_nav_app nk_nav_books_store nk_nav_cash nk_nav_cash_files nk_nav_statements
  PRIVATE_USES nk_crypto nk_json nk_nav_dealing_store nk_nav_json nk_nav_policy_files nk_runtime)
