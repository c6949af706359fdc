# The books' adapters, beside those of the rest of the service.
navkeeper_library(nk_nav_books_files
  SOURCES books_answer.cpp books_compute.cpp books_events.cpp books_ledger.cpp event_lines.cpp
  USES nk_nav_books PRIVATE_USES nk_json nk_model nk_nav_json nk_runtime)
navkeeper_library(nk_nav_books_store
  SOURCES books_batch_store.cpp books_lots_store.cpp books_plain_store.cpp books_post.cpp
  NEXT books_period_store.cpp books_poster.cpp books_read_store.cpp books_standing_store.cpp books_store.cpp
       books_views.cpp fund_known_store.cpp known_time_store.cpp
  NEXT late_entry_store.cpp late_lacks_store.cpp
  ALONE posting_rules.cpp
  USES nk_nav_app nk_nav_books nk_db nk_model nk_time
  PRIVATE_USES nk_crypto nk_json nk_nav_books_files nk_nav_json nk_runtime)
navkeeper_library(nk_nav_books_commands
  SOURCES books_commands.cpp
  ALONE books_control_commands.cpp
  USES nk_base nk_model nk_nav_books_files nk_nav_books_store
  PRIVATE_USES nk_json nk_runtime)
