# The books' adapters, beside those of the rest of the service.
find_package(CLI11 REQUIRED)
navkeeper_library(nk_nav_books_files SOURCES books_answer.cpp books_compute.cpp books_events.cpp books_ledger.cpp
  USES nk_nav_books PRIVATE_USES nk_json nk_model)
navkeeper_library(nk_nav_books_commands SOURCES books_commands.cpp USES nk_nav_books_files nk_base PRIVATE_USES CLI11::CLI11)
