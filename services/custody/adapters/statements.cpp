#include "services/custody/adapters/statements.h"

#include <algorithm>
#include <map>
#include <set>

#include "common/base/refuse.h"
#include "common/json/reader.h"
#include "common/json/write.h"
#include "services/custody/adapters/account_history.h"
#include "services/custody/adapters/balance_json.h"
#include "services/custody/adapters/roll_forward_json.h"

namespace navkeeper::custody {
namespace {

constexpr auto kDay = time::Duration::hours(24);

time::Instant begin_of(time::Date date) { return *time::parse_rfc3339(date.to_string() + "T00:00:00Z"); }

/// Whether a record that names an account names this one; one that names none is every account's.
bool concerns(const std::string& said, const std::string& account) { return said.empty() || said == account; }

template <class Stored>
void write_records(json::Writer& writer, const char* name, const std::vector<Stored>& all,
                   const std::function<bool(const Stored&)>& is_in,
                   const std::function<const RecordState&(const Stored&)>& state_of_stored) {
  writer.key(name).begin_array();
  for (const Stored& stored : all) {
    if (is_in(stored)) write_record(writer, state_of_stored(stored));
  }
  writer.end_array();
}

class Day {
 public:
  Day(const model::FundId& fund, const AccountHistory& history, time::Date date)
      : fund_(fund), history_(history), date_(date), begin_(begin_of(date)), end_(begin_ + kDay) {}

  /// Nothing: no reading of that day.
  std::optional<StatementDraft> draft(const AccountEnds& ends, bool is_only) const {
    const bool read_that_day =
        std::any_of(ends.closing.begin(), ends.closing.end(),
                    [&](const StoredBalance& stored) { return stored.balance.as_of > begin_; });
    if (!read_that_day) return std::nullopt;
    json::Writer writer;
    writer.begin_object()
        .member("fund", fund_.value())
        .member("source", history_.source)
        .member("account", ends.account)
        .member("date", date_.to_string())
        .member("from", begin_.to_string())
        .member("to", end_.to_string())
        .member("transfers_told", history_.tells_transfers);
    write_ends(writer, "opening", ends.opening);
    write_ends(writer, "closing", ends.closing);
    writer.key("roll_forward").begin_array();
    for (const AssetRoll& roll : asset_rolls(history_, ends, is_only)) write_roll(writer, roll);
    writer.end_array();
    const auto in_day = [&](const RecordState& state) {
      return state.record.at >= begin_ && state.record.at < end_;
    };
    write_records<StoredTransfer>(
        writer, "transfers", history_.transfers,
        [&](const StoredTransfer& one) {
          return in_day(one.state) && concerns(one.transfer.account, ends.account);
        },
        [](const StoredTransfer& one) -> const RecordState& { return one.state; });
    write_records<StoredReward>(
        writer, "rewards", history_.rewards,
        [&](const StoredReward& one) {
          return in_day(one.state) && concerns(one.reward.account, ends.account);
        },
        [](const StoredReward& one) -> const RecordState& { return one.state; });
    write_records<RecordState>(writer, "other_records", history_.others, in_day,
                               [](const RecordState& one) -> const RecordState& { return one; });
    writer.end_object();
    return StatementDraft{history_.source, ends.account, date_,
                          json::to_canonical(base::value_or_refuse(json::parse(writer.take())))};
  }

  time::Instant begin() const { return begin_; }
  time::Instant end() const { return end_; }

 private:
  static void write_ends(json::Writer& writer, const char* name, const std::vector<StoredBalance>& balances) {
    writer.key(name).begin_array();
    for (const StoredBalance& stored : balances) write_balance(writer, stored);
    writer.end_array();
  }

  const model::FundId& fund_;
  const AccountHistory& history_;
  time::Date date_;
  time::Instant begin_;
  time::Instant end_;
};

}  // namespace

std::vector<AccountEnds> account_ends(CustodyStore& store, const model::FundId& fund,
                                      const std::string& source, time::Instant from, time::Instant to,
                                      time::Instant known_at) {
  std::map<std::string, AccountEnds> by_account;
  CustodyQuery query;
  query.source = source;
  query.known_at = known_at;
  for (const auto& [at, side] : {std::pair{from, &AccountEnds::opening}, {to, &AccountEnds::closing}}) {
    query.as_of = at;
    for (StoredBalance& stored : store.balances(fund, query))
      (by_account[stored.balance.place.account].*side).push_back(std::move(stored));
  }
  std::vector<AccountEnds> found;
  for (auto& [account, ends] : by_account) {
    std::set<std::string> assets;
    for (const auto* balances : {&ends.opening, &ends.closing}) {
      for (const StoredBalance& stored : *balances) assets.insert(stored.balance.asset.value());
    }
    ends.account = account;
    ends.assets.assign(assets.begin(), assets.end());
    found.push_back(std::move(ends));
  }
  return found;
}

std::vector<StatementDraft> draft_statements(CustodyStore& store, const model::FundId& fund,
                                             const std::string& source, time::Date from, time::Date to) {
  std::vector<StatementDraft> drafts;
  CustodyQuery query;
  query.source = source;
  query.as_of = begin_of(to) + kDay;
  const AccountHistory history = load_history(store, fund, source, begin_of(from) - kRecordsBefore, query);
  for (time::Date date = from; date <= to; date = date + 1) {
    const Day day(fund, history, date);
    const auto accounts = account_ends(store, fund, source, day.begin(), day.end(), time::Instant::latest());
    for (const AccountEnds& ends : accounts) {
      auto draft = day.draft(ends, accounts.size() == 1);
      if (draft) drafts.push_back(*std::move(draft));
    }
  }
  return drafts;
}

std::vector<StoredStatement> make_statements(CustodyStore& facts, StatementStore& statements,
                                             const model::FundId& fund, const std::string& source,
                                             time::Date from, time::Date to, time::Instant now,
                                             const std::string& actor) {
  const time::Date last_over = time::utc_date(now) - 1;
  std::vector<StatementDraft> drafts;
  for (const std::string& one : source.empty() ? facts.sources(fund) : std::vector{source}) {
    for (StatementDraft& draft : draft_statements(facts, fund, one, from, std::min(to, last_over)))
      drafts.push_back(std::move(draft));
  }
  return statements.add(fund, drafts, now, actor);
}

}  // namespace navkeeper::custody
