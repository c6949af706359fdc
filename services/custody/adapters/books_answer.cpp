#include "services/custody/adapters/books_answer.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "common/base/bytes.h"
#include "common/base/refuse.h"
#include "common/json/reader.h"

namespace navkeeper::custody {
namespace {

using money::Decimal;

/// The accounts of the chart whose coins are a position (nav's chart of accounts).
constexpr std::array<std::string_view, 4> kPositionAccounts{
    "Assets:Coins:", "Assets:Staked:", "Assets:Activating:", "Assets:Unbonding:"};

/// "%3A" back to ":", as account names are spelled.
std::string unescaped(std::string_view part) {
  constexpr std::size_t kDigits = 2;
  std::string name;
  for (std::size_t i = 0; i < part.size(); ++i) {
    if (part[i] != '%') {
      name += part[i];
      continue;
    }
    const auto byte = base::from_hex(part.substr(i + 1, kDigits));
    if (!byte || byte->size() != 1) base::refuse("account", "has a % that is followed by no byte");
    name += static_cast<char>(byte->front());
    i += kDigits;
  }
  return name;
}

/// The place of a position account; nothing for any other one.
std::optional<std::string> place_of_account(std::string_view account) {
  for (const std::string_view prefix : kPositionAccounts) {
    if (!account.starts_with(prefix)) continue;
    const std::size_t colon = account.find(':', prefix.size());
    return colon == std::string_view::npos ? std::string() : unescaped(account.substr(colon + 1));
  }
  return std::nullopt;
}

}  // namespace

std::vector<BookPosition> read_positions(const json::Value& holdings) {
  json::ObjectReader reader(holdings);
  std::map<std::pair<std::string, std::string>, BookPosition> found;
  for (const json::Place& position : reader.array("positions")) {
    json::ObjectReader item(position);
    const std::string asset = item.string("asset");
    for (const json::Place& place : item.array("places")) {
      json::ObjectReader placed(place);
      const std::string name = placed.string("place");
      const std::string state = placed.string("state");
      const Decimal quantity = placed.decimal("quantity");
      BookPosition& sum = found[{asset, name}];
      sum.asset = asset;
      sum.place = name;
      sum.total += quantity;
      if (state == "staked")
        sum.staked += quantity;
      else if (state == "activating")
        sum.activating += quantity;
      else if (state == "unbonding")
        sum.unbonding += quantity;
      else if (state != "available")
        base::refuse(placed.path_of("state"), "is unknown");
    }
  }
  std::vector<BookPosition> positions;
  for (auto& [key, position] : found) positions.push_back(std::move(position));
  return positions;
}

JournalAnswer read_journal(const json::Value& page) {
  json::ObjectReader reader(page);
  JournalAnswer answer;
  for (const json::Place& place : reader.array("entries")) {
    json::ObjectReader item(place);
    BookedEntry entry;
    entry.seq = item.integer("seq", 1);
    const std::string source = item.string("source");
    const std::string id = item.string("id");
    const std::string kind = item.string("kind");
    entry.is_opening = kind == "opening_lot";
    entry.settles = item.date("settlement_date");
    if (!item.is_null("reverses")) entry.reverses = item.integer("reverses", 1);
    std::map<std::pair<std::string, std::string>, Decimal> sums;
    for (const json::Place& row : item.array("postings")) {
      json::ObjectReader posting(row);
      const std::string asset = posting.string("commodity");
      const Decimal amount = posting.decimal("amount");
      if (const auto to = place_of_account(posting.string("debit"))) sums[{asset, *to}] += amount;
      if (const auto from = place_of_account(posting.string("credit"))) sums[{asset, *from}] -= amount;
    }
    for (const auto& [where, sum] : sums) {
      if (sum.is_zero()) continue;
      CoinMovement movement{"books", source + ":" + id, where.first, where.second, sum};
      movement.references = {id};
      movement.date = entry.settles;
      movement.what = kind;
      entry.movements.push_back(std::move(movement));
    }
    answer.entries.push_back(std::move(entry));
  }
  if (!reader.is_null("next_cursor")) answer.next_cursor = reader.string("next_cursor");
  return answer;
}

std::string books_text(const FundBooks& books) {
  std::vector<std::string> lines;
  for (const BookPosition& position : books.positions)
    lines.push_back("position\t" + position.asset + "\t" + position.place + "\t" +
                    position.total.to_string() + "\t" + position.staked.to_string() + "\t" +
                    position.activating.to_string() + "\t" + position.unbonding.to_string());
  for (const auto* side : {&books.settled, &books.pending}) {
    for (const CoinMovement& movement : *side)
      lines.push_back((side == &books.settled ? "settled\t" : "pending\t") + movement.id + "\t" +
                      movement.asset + "\t" + movement.place + "\t" + movement.amount.to_string() + "\t" +
                      movement.date.to_string());
  }
  std::sort(lines.begin(), lines.end());
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

void sort_entries(std::vector<BookedEntry> entries, time::Date date, FundBooks& books) {
  std::map<std::int64_t, const BookedEntry*> by_seq;
  for (const BookedEntry& entry : entries) by_seq.emplace(entry.seq, &entry);
  std::set<std::int64_t> undone;
  for (const BookedEntry& entry : entries) {
    if (!entry.reverses) continue;
    const auto reversed = by_seq.find(*entry.reverses);
    if (reversed == by_seq.end()) continue;
    if ((reversed->second->settles <= date) != (entry.settles <= date)) continue;
    undone.insert(entry.seq);
    undone.insert(*entry.reverses);
  }
  for (const BookedEntry& entry : entries) {
    if (!books.began || entry.settles < *books.began) books.began = entry.settles;
  }
  for (BookedEntry& entry : entries) {
    // An opening balance is of its day's end: what moved on that day is in it.
    if (entry.is_opening) books.began = std::max(*books.began, entry.settles + 1);
    if (entry.is_opening || undone.contains(entry.seq)) continue;
    auto& side = entry.settles <= date ? books.settled : books.pending;
    for (CoinMovement& movement : entry.movements) side.push_back(std::move(movement));
  }
}

}  // namespace navkeeper::custody
