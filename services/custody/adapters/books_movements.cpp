#include "services/custody/adapters/books_movements.h"

#include <algorithm>
#include <map>

#include "common/base/refuse.h"
#include "common/json/reader.h"

namespace navkeeper::custody {
namespace {

bool holds_coins(std::string_view account) {
  for (const std::string_view prefix :
       {"Assets:Coins:", "Assets:Staked:", "Assets:Activating:", "Assets:Unbonding:"}) {
    if (account.starts_with(prefix)) return true;
  }
  return false;
}

bool is_staking(std::string_view account) {
  return account.starts_with("Income:Rewards:") || account.starts_with("Expenses:Penalties") ||
         account.starts_with("Assets:Rewards receivable:");
}

TransferFact fact_of(const std::string& entry, const std::string& asset, const money::Decimal& change,
                     time::Date day) {
  TransferFact fact;
  fact.side = Side::kBooks;
  fact.source = "books";
  fact.id = entry + " " + asset;
  fact.direction = change.is_negative() ? Direction::kOut : Direction::kIn;
  fact.asset = asset;
  fact.amount = change.abs();
  fact.at = *time::parse_rfc3339(day.to_string() + "T00:00:00Z");
  fact.day_only = true;
  return fact;
}

}  // namespace

std::string JournalReader::read(std::string_view body) {
  const json::Value document = base::value_or_refuse(json::parse(body));
  json::ObjectReader page(document, "journal");
  for (const json::Place& place : page.array("entries")) {
    json::ObjectReader reader(place);
    Entry entry;
    entry.seq = reader.integer("seq", 1);
    const std::string id = reader.string("source") + ":" + reader.string("id");
    if (!ids_.insert(id).second) base::refuse(place.path, "entry " + id + " comes twice");
    const time::Date settled = reader.date("settlement_date");
    if (!reader.is_null("reverses")) {
      cancelled_.push_back(reader.integer("reverses", 1));
      cancelled_.push_back(entry.seq);
    }
    std::map<std::string, money::Decimal> changes;
    bool staking = false;
    for (const json::Place& at : reader.array("postings")) {
      json::ObjectReader posting(at);
      const std::string debit = posting.string("debit");
      const std::string credit = posting.string("credit");
      const std::string commodity = posting.string("commodity");
      const money::Decimal amount = posting.decimal("amount");
      staking = staking || is_staking(debit) || is_staking(credit);
      if (holds_coins(debit)) changes[commodity] += amount;
      if (holds_coins(credit)) changes[commodity] -= amount;
    }
    // Coins that were there when the books began did not come in on that day.
    const bool is_opening = reader.string("kind") == "opening_lot";
    for (const auto& [asset, change] : changes) {
      if (!staking && !is_opening && !change.is_zero())
        entry.facts.push_back(fact_of(id, asset, change, settled));
    }
    entries_.push_back(std::move(entry));
  }
  return page.is_null("next_cursor") ? std::string() : page.string("next_cursor");
}

std::vector<TransferFact> JournalReader::facts() const {
  std::vector<TransferFact> found;
  for (const Entry& entry : entries_) {
    if (std::find(cancelled_.begin(), cancelled_.end(), entry.seq) != cancelled_.end()) continue;
    found.insert(found.end(), entry.facts.begin(), entry.facts.end());
  }
  return found;
}

}  // namespace navkeeper::custody
