#include "services/nav/adapters/books_poster.h"

#include "services/nav/adapters/books_lots.h"
#include "services/nav/adapters/posting_rules.h"

namespace navkeeper::nav {

Posted PostgresBooksPoster::post(const PostRequest& request) {
  return pool_.transact([&](db::Transaction& transaction) {
    const FundPostingRules rules(load_definition(transaction, request.fund));
    return post_drafts(transaction, rules.rules(), request);
  });
}

std::vector<OpenLot> PostgresBooksPoster::open_lots(const model::FundId& fund, books::Book book,
                                                    const std::string& asset) {
  return pool_.transact([&](db::Transaction& transaction) {
    // Everything posted, whatever its dates: what the next disposal finds.
    const BooksView all{books::Basis::kTradeDate, time::Date::literal("9999-12-31"), std::nullopt};
    std::vector<OpenLot> open;
    for (const StoredLot& stored : load_lots(transaction, fund, book, all)) {
      if (stored.asset != asset) continue;
      open.push_back({stored.number,
                      {stored.place, {}},
                      {std::to_string(stored.number), stored.lot.quantity.to_decimal(stored.decimals),
                       stored.lot.cost.to_decimal(books::kDollarDecimals), stored.lot.acquired}});
    }
    return open;
  });
}

}  // namespace navkeeper::nav
