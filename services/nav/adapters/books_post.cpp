#include "services/nav/adapters/books_post.h"

#include <algorithm>
#include <map>
#include <set>

#include "common/base/refuse.h"
#include "common/crypto/digest.h"
#include "common/json/write.h"
#include "common/runtime/table.h"
#include "services/nav/adapters/books_events.h"
#include "services/nav/adapters/books_ledger.h"
#include "services/nav/adapters/event_lines.h"
#include "services/nav/adapters/known_time.h"
#include "services/nav/adapters/late_entry_store.h"
#include "services/nav/adapters/posting_rules.h"
#include "services/nav/domain/books/undo.h"
#include "services/nav/domain/policy/expense_accrual.h"
#include "services/nav/domain/policy/unrealised_gain.h"

namespace navkeeper::nav {
namespace {

using books::Units;

constexpr std::size_t kLedgerBufferBytes = std::size_t{1} << 16;
constexpr std::string_view kFeesPayable = "Liabilities:Fees payable:";

/// The books count an asset in the unit that the fund's definition names.
void check_assets(const FundDefinition& definition, std::span<const EventToPost> events) {
  for (const EventToPost& event : events) {
    const auto* open = std::get_if<books::Open>(&event.event.happening);
    if (open == nullptr) continue;
    for (const books::AssetDefinition& asset : open->assets) {
      for (const FundAsset& own : definition.assets) {
        if (own.asset.value() == asset.asset && own.decimals != asset.decimals)
          base::refuse(event.place, asset.asset + " has " + std::to_string(own.decimals) +
                                        " decimals in the fund's definition, not " +
                                        std::to_string(asset.decimals));
      }
    }
  }
}

/// What two people decide on is no event of a file, which one person posts; nor is anything posted under
/// another act's source.
void check_authority(std::span<const EventToPost> events) {
  for (const EventToPost& event : events) {
    if (books::is_reserved_source(event.source.name))
      base::refuse("--source", "'" + event.source.name + "' is not a file's: other acts post under it");
    if (std::holds_alternative<books::Distribution>(event.event.happening))
      base::refuse(event.place + ": event",
                   "a distribution has a source split and two people: distribution declare, approve, pay");
    if (std::holds_alternative<books::Split>(event.event.happening))
      base::refuse(event.place + ": event", "two people decide on a split: action propose, approve");
  }
}

std::string dollars(Units cents) {
  return cents.to_decimal(books::kDollarDecimals).to_fixed(books::kDollarDecimals);
}

std::string known_at_of(const BooksView& view) { return view.known_at ? view.known_at->to_string() : "now"; }

struct Position {
  std::string asset;
  money::Decimal quantity;
  Units cost;
  Units unrealised;  ///< as the last strike of the view marked it
  std::vector<PlacedCoins> places;
};

std::vector<Position> positions_of(const StoredBooks& stored) {
  std::vector<Position> positions;
  for (const books::AssetDefinition& asset : stored.assets) {
    Position position{asset.asset,
                      {},
                      stored.balance("Conversion:" + books::account_part(asset.asset), "USD"),
                      stored.balance(policy::unrealised_conversion(asset.asset), "USD"),
                      coins_by_place(stored, asset)};
    for (const PlacedCoins& placed : position.places) position.quantity += placed.quantity;
    if (!position.quantity.is_zero()) positions.push_back(std::move(position));
  }
  return positions;
}

/// What is owed, in what it is owed.
struct Payable {
  std::string name;  ///< of the fee, with ":PAYEE" where it has several
  std::string commodity;
  money::Decimal amount;                  ///< whole units of the commodity
  std::optional<money::Decimal> dollars;  ///< of coins: as the books carry them, at the last strike's price
};

/// The part of the dollars at which the books carry the coins owed of a fee. They stand for all its payees
/// together.
std::optional<money::Decimal> carried_dollars(const StoredBooks& stored, std::string_view name,
                                              const StoredBalance& owed) {
  const std::string conversion = policy::payable_conversion(owed.commodity, name.substr(0, name.find(':')));
  const Units all = stored.balance(conversion, owed.commodity);
  if (all.is_zero()) return std::nullopt;
  return money::mul_div((-stored.balance(conversion, "USD")).to_decimal(books::kDollarDecimals),
                        (-owed.balance).to_decimal(owed.decimals), all.to_decimal(owed.decimals),
                        books::kDollarDecimals, money::Rounding::kHalfEven);
}

std::vector<Payable> fees_payable(const StoredBooks& stored) {
  std::vector<Payable> fees;
  for (const StoredBalance& row : stored.balances) {
    if (!row.account.starts_with(kFeesPayable) || row.balance.is_zero()) continue;
    const std::string_view part = std::string_view(row.account).substr(kFeesPayable.size());
    Payable payable{books::name_of_part(part), row.commodity, (-row.balance).to_decimal(row.decimals), {}};
    payable.dollars = row.commodity == policy::kDollars ? payable.amount : carried_dollars(stored, part, row);
    fees.push_back(std::move(payable));
  }
  return fees;
}

}  // namespace

namespace {

/// Names for programs that add an account's children to it: what stands on an account that has children
/// stands on a leaf of its own, "Assets:Coins:CRO:(itself)" beside "Assets:Coins:CRO:wallet". No account of
/// the chart has such a part.
class LeafNames {
 public:
  explicit LeafNames(const StoredBooks& stored) {
    for (const StoredBalance& row : stored.balances)
      for (std::size_t at = row.account.find(':'); at != std::string::npos;
           at = row.account.find(':', at + 1))
        parents_.insert(row.account.substr(0, at));
  }
  /// `chart` by these names, kept in `shown`: lines of the one are lines of the other.
  const books::Chart& chart_of(const books::Chart& chart, books::Chart& shown) const {
    for (std::size_t i = shown.commodities().size(); i < chart.commodities().size(); ++i)
      shown.add_commodity(chart.commodities()[i].symbol, chart.commodities()[i].decimals);
    for (std::size_t i = shown.lines().size(); i < chart.lines().size(); ++i) {
      const books::Line& line = chart.lines()[i];
      shown.line(parents_.contains(line.account) ? line.account + ":(itself)" : line.account, line.commodity);
    }
    return shown;
  }

 private:
  std::set<std::string> parents_;
};

}  // namespace

void leave_known(db::Transaction& transaction, const model::FundId& fund, const BooksView& view,
                 StoredBooks& stored) {
  if (!view.known_at) return;
  const auto known = accounts_known(transaction, fund, *view.known_at);
  std::erase_if(stored.balances, [&](const StoredBalance& row) { return !known.contains(row.account); });
}

std::vector<PlacedCoins> coins_by_place(const StoredBooks& stored, const books::AssetDefinition& asset) {
  std::vector<PlacedCoins> places;
  for (const StoredBalance& row : stored.balances) {
    if (row.commodity != asset.asset || row.balance.is_zero()) continue;
    const auto place = books::place_of_account(row.account);
    if (place) places.push_back({place->second, row.balance.to_decimal(asset.decimals)});
  }
  return places;
}

std::vector<EventToPost> read_events_to_post(const std::string& path, const std::string& source) {
  EventLines lines(path);
  std::vector<EventToPost> events;
  std::map<std::string, int> seen;  ///< how often a content came without an id
  std::string_view line;
  while (lines.next(line)) {
    if (events.size() == kEventsPerFileMax)
      base::refuse(lines.place(), "a file may hold at most " + std::to_string(kEventsPerFileMax) + " events");
    EventLine read;
    try {
      read = read_event(line, EventShape::kPost);
    } catch (const base::Refused& refused) {
      throw base::Refused(refused.refusal().within(lines.place()));
    }
    if (read.id && (read.id->empty() || read.id->size() > books::kNameLengthMax))
      base::refuse(lines.place() + ": id", "must have 1 to 200 bytes");
    std::string id;
    if (read.id) {
      id = *read.id;
    } else {
      const std::string hash = crypto::sha256_hex(read.content);
      id = "content:" + hash + ":" + std::to_string(++seen[hash]);
    }
    events.push_back({std::move(read.event),
                      {source, std::move(id)},
                      read.book_date,
                      read.settlement_date,
                      std::move(read.content),
                      lines.place(),
                      read.at});
  }
  if (events.empty()) base::refuse(path, "has no events");
  return events;
}

PostReport post_file(db::Pool& pool, const model::FundId& fund, const std::vector<EventToPost>& events,
                     const Stamp& stamp) {
  check_authority(events);
  return pool.transact([&](db::Transaction& transaction) {
    const FundDefinition definition = load_definition(transaction, fund);
    check_assets(definition, events);
    const FundPostingRules own(definition);
    PostingRules rules = own.rules();
    rules.tax_rules.stays_in_account = true;
    return post_told(transaction, definition, rules, events, stamp);
  });
}

StoredBooks show_books(db::Pool& pool, const model::FundId& fund, const BooksView& view) {
  wait_until_known(pool, fund, view.known_at);
  auto stored = pool.transact([&](db::Transaction& transaction) {
    auto books = load_books(transaction, fund, view);
    if (books) {
      books->unsettled = load_unsettled(transaction, fund, view);
      leave_known(transaction, fund, view, *books);
    }
    return books;
  });
  if (!stored) base::refuse(fund.value(), "has no books");
  return std::move(*stored);
}

std::string to_json(const model::FundId& fund, const BooksView& view, const StoredBooks& stored) {
  json::Writer out;
  out.begin_object();
  out.member("fund", fund.value())
      .member("basis", describe(view.basis))
      .member("as_of", view.as_of.to_string());
  out.key("known_at");
  if (view.known_at)
    out.string(view.known_at->to_string());
  else
    out.null();
  out.key("positions").begin_array();
  for (const Position& position : positions_of(stored)) {
    out.begin_object().member("asset", position.asset).member("quantity", position.quantity);
    out.member("cost", position.cost.to_decimal(books::kDollarDecimals));
    out.member("unrealised", position.unrealised.to_decimal(books::kDollarDecimals));
    out.key("places").begin_array();
    for (const PlacedCoins& placed : position.places) {
      out.begin_object().member("place", placed.place.account).member("state", describe(placed.place.state));
      out.member("quantity", placed.quantity).end_object();
    }
    out.end_array().end_object();
  }
  out.end_array();
  out.member("cash", stored.balance("Assets:Cash", "USD").to_decimal(books::kDollarDecimals));
  out.key("liabilities").begin_array();
  for (const Payable& fee : fees_payable(stored)) {
    out.begin_object().member("name", fee.name).member("commodity", fee.commodity);
    out.member("amount", fee.amount).key("dollars");
    if (fee.dollars)
      out.decimal(*fee.dollars);
    else
      out.null();
    out.end_object();
  }
  out.end_array();
  out.member("shares_outstanding", stored.shares.to_decimal(0));
  out.key("unsettled").begin_array();
  for (const Unsettled& one : stored.unsettled) {
    out.begin_object().member("commodity", one.commodity);
    out.member("amount", one.amount.to_decimal(one.decimals)).end_object();
  }
  out.end_array();
  out.key("trial_balance").begin_array();
  for (const StoredBalance& row : stored.balances) {
    const bool is_debit = row.balance > Units{};
    out.begin_object().member("account", row.account).member("commodity", row.commodity);
    out.member("debit", is_debit ? row.balance.to_decimal(row.decimals) : money::Decimal{});
    out.member("credit", is_debit ? money::Decimal{} : (-row.balance).to_decimal(row.decimals)).end_object();
  }
  out.end_array().end_object();
  return out.take();
}

std::string to_table(const model::FundId& fund, const BooksView& view, const StoredBooks& stored) {
  std::string out = "Books of " + fund.value() + ", basis " + std::string(describe(view.basis)) + ", as of " +
                    view.as_of.to_string() + ", as known " + known_at_of(view) + "\n\n";
  constexpr auto kRight = runtime::Align::kRight;
  runtime::Table positions(
      {{"asset"}, {"quantity", kRight}, {"cost", kRight}, {"unrealised at last strike", kRight}});
  for (const Position& position : positions_of(stored)) {
    positions.row({position.asset, position.quantity.to_string(), dollars(position.cost),
                   dollars(position.unrealised)});
    const bool is_all_in_one = position.places.size() == 1 && position.places[0].place == books::Place{};
    if (is_all_in_one) continue;
    for (const PlacedCoins& placed : position.places) {
      const std::string& account = placed.place.account;
      positions.row({"  " + std::string(describe(placed.place.state)) + " at " +
                         (account.empty() ? "the main account" : account),
                     placed.quantity.to_string(), "", ""});
    }
  }
  positions.row({"cash", dollars(stored.balance("Assets:Cash", "USD")), "", ""});
  for (const Payable& fee : fees_payable(stored)) {
    if (fee.commodity == policy::kDollars) {
      positions.row({"payable: " + fee.name, fee.amount.to_fixed(books::kDollarDecimals), "", ""});
      continue;
    }
    positions.row({"payable in " + fee.commodity + ": " + fee.name, fee.amount.to_string(), "", ""});
    if (fee.dollars)
      positions.row(
          {"  in dollars at the last strike", fee.dollars->to_fixed(books::kDollarDecimals), "", ""});
  }
  for (const Unsettled& one : stored.unsettled)
    positions.row(
        {(one.amount > Units{} ? "of it still to come: " : "still to be delivered: ") + one.commodity,
         one.amount.to_decimal(one.decimals).to_string(), "", ""});
  positions.row({"shares", stored.shares.to_decimal(0).to_string(), "", ""});
  runtime::Table trial({{"account"}, {"commodity"}, {"debit", kRight}, {"credit", kRight}});
  for (const StoredBalance& row : stored.balances) {
    const money::Decimal balance = row.balance.to_decimal(row.decimals);
    trial.row({row.account, row.commodity, balance.is_positive() ? balance.to_string() : "0",
               balance.is_positive() ? "0" : balance.abs().to_string()});
  }
  return out + positions.to_string() + "\n" + trial.to_string();
}

std::size_t export_books(db::Pool& pool, const model::FundId& fund, const std::string& path) {
  WholeFile file(path);
  file.write(ledger_head(fund.value()));
  std::size_t count = 0;
  std::string text;
  // One snapshot for all pages, so that what is posted meanwhile is not half in.
  db::TransactionOptions options;
  options.isolation = db::Isolation::kRepeatableRead;
  options.read_only = true;
  auto transaction = pool.begin(options);
  const auto stored_books = load_books(transaction, fund, {books::Basis::kNav, time::Date{}, std::nullopt});
  if (!stored_books) base::refuse(fund.value(), "has no books");
  const LeafNames leaves(*stored_books);
  books::Chart shown;
  for_each_entry(transaction, fund, [&](const books::Chart& chart, const books::Entry& stored) {
    ++count;
    books::Entry entry = stored;
    entry.trade_date = stored.book_date;
    const std::string code = std::to_string(count);
    if (entry.postings.empty())
      append_ledger_note(text, stored.book_date, code, entry.description);
    else
      append_ledger_entry(text, leaves.chart_of(chart, shown), entry, code);
    if (text.size() >= kLedgerBufferBytes) {
      file.write(text);
      text.clear();
    }
  });
  transaction.commit();
  file.write(text);
  file.put_in_place();
  return count;
}

}  // namespace navkeeper::nav
