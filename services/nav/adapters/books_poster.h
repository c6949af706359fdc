#pragma once
// app/post_entries.h on the stored books: a transaction a call.
#include "common/db/pool.h"
#include "services/nav/adapters/books_store.h"

namespace navkeeper::nav {

class PostgresBooksPoster final : public BooksPoster {
 public:
  explicit PostgresBooksPoster(db::Pool& pool) : pool_(pool) {}
  Posted post(const PostRequest& request) override;
  std::vector<OpenLot> open_lots(const model::FundId& fund, books::Book book,
                                 const std::string& asset) override;

 private:
  db::Pool& pool_;
};

}  // namespace navkeeper::nav
