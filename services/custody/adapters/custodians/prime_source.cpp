#include "services/custody/adapters/custodians/prime_source.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "common/base/refuse.h"
#include "common/http/url.h"
#include "common/json/write.h"
#include "services/custody/adapters/custodians/instructions.h"
#include "services/custody/adapters/custodians/time_windows.h"

namespace navkeeper::custody {
namespace {

constexpr std::int64_t kHistoryDays = 3'660;
constexpr int kPageRows = 100;
constexpr int kPagesMax = 10'000;
constexpr std::size_t kValidatorQueryMax = 100;  ///< transaction ids a request
constexpr std::int64_t kNsASecond = 1'000'000'000;
constexpr auto kPauseAfterTooMany = time::Duration::seconds(30);  // "wait 30 seconds"
constexpr std::array kWalletTypes{"VAULT", "TRADING", "WALLET_TYPE_OTHER", "QC", "ONCHAIN"};

// 25 requests a second per portfolio, bursts of 50; the address's own 100 a second are above it.
TokenBucket bucket_of(const std::string& operation) {
  static_cast<void>(operation);
  return {45, time::Duration::milliseconds(42)};  // a little below: requests do not arrive evenly
}

Judgement again(std::string why, time::Duration wait = {}) {
  return {Judgement::What::kAgain, std::move(why), wait};
}

Judgement judge(const http::Response& response) {
  if (response.status == 429) return again("status 429: too many requests", kPauseAfterTooMany);
  if (response.status >= 500 || response.status == 408)
    return again("status " + std::to_string(response.status));
  if (response.status == 401 || response.status == 403)
    return {Judgement::What::kRefused,
            "status " + std::to_string(response.status) +
                ": key, passphrase, signature or clock are not accepted",
            {}};
  const auto body = json::parse(response.body);
  if (response.status != 200) {
    std::string message;
    if (body.has_value() && body->kind() == json::Kind::kObject)
      message = ForeignObject(*body, "").text_or("message", "");
    return {Judgement::What::kRefused, "status " + std::to_string(response.status) + " " + message, {}};
  }
  if (body.has_error()) return again("no JSON: " + body.error().message());
  if (body->kind() != json::Kind::kObject) return again("its answer is no object");
  return {};
}

/// start_time is included, end_time is not. Readings run from one end and from the other, so that what is cut
/// off does not look alike.
http::Parameters window_query(time::Instant from, time::Instant to, bool ascending) {
  return {{"start_time", from.to_string()},
          {"end_time", (to + time::Duration::from_ns(1)).to_string()},
          {"sort_direction", ascending ? "ASC" : "DESC"}};
}

std::vector<CountedRecord> once_each(const std::vector<Record>& records) {
  std::vector<CountedRecord> each = counted(records);
  for (CountedRecord& record : each) record.count = 1;  // known by their ids
  return each;
}

}  // namespace

PrimeSource::PrimeSource(const CustodianSettings& settings, Credentials credentials, Transport transport,
                         Evidence& evidence, const time::Clock& clock, Sleep sleep, Chance chance,
                         CallerLimits limits)
    : settings_(settings),
      credentials_(std::move(credentials)),
      evidence_(evidence),
      caller_(settings.name, std::move(transport), bucket_of, evidence, clock, std::move(sleep),
              std::move(chance), limits) {}

std::string PrimeSource::in_portfolio(const std::string& path) const {
  return "/v1/portfolios/" + http::percent_encode(settings_.account) + path;
}

Call PrimeSource::call_of(http::Method method, const std::string& path, const Query& query,
                          const std::string& body) {
  Call call;
  call.operation = std::string(http::describe(method)) + " " + path;
  call.bucket = "portfolio";
  call.request = query.empty() ? body : http::to_query(query);
  call.make = [this, method, path, query, body](time::Instant now) {
    PrimeRequest to_sign{std::to_string(now.ns() / kNsASecond), std::string(http::describe(method)), path,
                         body};
    http::ClientRequest request;
    request.method = method;
    request.path = path;
    request.query = query;
    request.body = body;
    request.headers.add("X-CB-ACCESS-KEY", credentials_.key);
    request.headers.add("X-CB-ACCESS-PASSPHRASE", credentials_.passphrase.reveal());
    request.headers.add("X-CB-ACCESS-TIMESTAMP", to_sign.timestamp);
    request.headers.add("X-CB-ACCESS-SIGNATURE", sign_coinbase_prime(to_sign, credentials_.secret));
    return request;
  };
  call.judge = judge;
  return call;
}

Answer PrimeSource::get(const std::string& path, const Query& query) {
  Answer answer = caller_.ask(call_of(http::Method::kGet, in_portfolio(path), query, ""));
  oldest_as_of_ = std::min(oldest_as_of_, answer.as_of);
  return answer;
}

Answer PrimeSource::post_query(const std::string& path, const std::string& body) {
  Answer answer = caller_.ask(call_of(http::Method::kPost, in_portfolio(path), {}, body));
  oldest_as_of_ = std::min(oldest_as_of_, answer.as_of);
  return answer;
}

Answer PrimeSource::tell(const std::string& path, const std::string& body, time::Instant not_after) {
  return caller_.tell(call_of(http::Method::kPost, in_portfolio(path), {}, body), not_after);
}

template <class Read>
void PrimeSource::each_page(const std::string& path, Query query, Read&& read) {
  query.emplace_back("limit", std::to_string(kPageRows));
  std::set<std::string> cursors;
  std::string cursor;
  for (int pages = 0; pages < kPagesMax; ++pages) {
    Query asked = query;
    if (!cursor.empty()) asked.emplace_back("cursor", cursor);
    const Answer answer = get(path, asked);
    read(answer.body);
    const prime::Page page = prime::read_page(answer.body);
    if (!page.has_next) return;
    if (!cursors.insert(page.next_cursor).second)
      throw base::Unavailable(settings_.name + " " + path + ": the cursor " + page.next_cursor +
                              " comes again");
    cursor = page.next_cursor;
  }
  throw base::Unavailable(settings_.name + " " + path + ": its pages do not come to an end");
}

void PrimeSource::require_portfolio() {
  const Answer answer = caller_.ask(call_of(http::Method::kGet, "/v1/portfolios", {}, ""));
  const auto ids = prime::read_portfolios(answer.body);
  if (std::find(ids.begin(), ids.end(), settings_.account) == ids.end())
    throw NotBelievable("wrong_account", "the key sees no portfolio " + settings_.account);
}

std::vector<prime::Wallet> PrimeSource::wallets() {
  std::map<std::string, prime::Wallet> by_id;
  for (const char* type : kWalletTypes) {
    each_page("/wallets", {{"type", type}}, [&](const json::Value& page) {
      for (prime::Wallet& wallet : prime::read_wallets(page)) {
        if (!wallet.type.empty() && wallet.type != type)
          throw base::Unavailable(settings_.name + " /wallets: " + wallet.id + " is of type " + wallet.type +
                                  ", asked for were " + type);
        by_id.insert_or_assign(wallet.id, std::move(wallet));
      }
    });
  }
  std::vector<prime::Wallet> wallets;
  wallets.reserve(by_id.size());
  for (auto& [id, wallet] : by_id) wallets.push_back(std::move(wallet));
  return wallets;
}

std::vector<Balance> PrimeSource::balances() {
  require_portfolio();
  std::vector<Balance> balances;
  const auto read_all = [&] {
    balances.clear();
    std::map<std::string, money::Decimal> sums;
    for (const prime::Wallet& wallet : wallets()) {
      if (wallet.symbol.empty()) continue;  // of several coins: see the portfolio's check below
      if (!is_read_coin(wallet.symbol, wallet.id, evidence_)) continue;
      const Answer answer = get("/wallets/" + http::percent_encode(wallet.id) + "/balance");
      Balance pattern;
      pattern.place = {settings_.name, wallet.id};
      pattern.staked_in_total = settings_.staked_in_total;
      pattern.activating_in_staked = settings_.activating_in_staked;
      pattern.as_of = answer.as_of;
      pattern.raw_sha256 = answer.sha256;
      balances.push_back(prime::read_wallet_balance(answer.body, wallet, pattern));
      sums[wallet.symbol] += *balances.back().total;
    }
    const Answer portfolio = get("/balances", {{"balance_type", "TOTAL_BALANCES"}});
    std::erase_if(sums, [](const auto& sum) { return sum.second.is_zero(); });
    std::vector<std::pair<std::string, money::Decimal>> added(sums.begin(), sums.end());
    return std::pair(std::move(added), prime::read_portfolio_totals(portfolio.body, evidence_));
  };
  constexpr int kReadingsMax = 4;
  for (int i = 0; i < kReadingsMax; ++i) {
    const auto [wallets_sum, portfolio] = read_all();
    if (wallets_sum == portfolio) return balances;
  }
  evidence_.raise({"sum_differs", settings_.name, "its wallets do not add up to its portfolio"});
  throw base::Unavailable(settings_.name + " balances: its wallets do not add up to its portfolio");
}

std::vector<RecordKind> PrimeSource::history_kinds() const {
  return {RecordKind::kLedgerLine, RecordKind::kTransfer, RecordKind::kReward, RecordKind::kStake,
          RecordKind::kActivity};
}

time::Duration PrimeSource::history_max(RecordKind kind) const {
  static_cast<void>(kind);
  return time::Duration::hours(24 * kHistoryDays);
}

std::vector<prime::Transaction> PrimeSource::transactions(time::Instant from, time::Instant to) {
  bool ascending = false;
  return agreed(settings_.name + " transactions", [&] {
    ascending = !ascending;
    const Query query = window_query(from, to, ascending);
    std::map<std::string, prime::Transaction> by_id;
    each_page("/transactions", query, [&](const json::Value& page) {
      for (prime::Transaction& row : prime::read_transactions(page, settings_.account, evidence_)) {
        if (row.ledger_line.at < from || row.ledger_line.at > to)
          throw base::Unavailable(settings_.name + " transactions: " + row.ledger_line.key +
                                  " lies outside the window that was asked for");
        std::string id = row.ledger_line.key;
        by_id.insert_or_assign(std::move(id), std::move(row));
      }
    });
    std::vector<prime::Transaction> all;
    all.reserve(by_id.size());
    for (auto& [id, row] : by_id) all.push_back(std::move(row));
    return all;
  });
}

WindowAnswer PrimeSource::history(RecordKind kind, time::Instant from, time::Instant to) {
  std::vector<Record> records;
  if (kind == RecordKind::kActivity) {
    oldest_as_of_ = caller_.clock().now();
    bool ascending = false;
    records = agreed(settings_.name + " activities", [&] {
      ascending = !ascending;
      const Query query = window_query(from, to, ascending);
      std::map<std::string, Record> by_id;
      each_page("/activities", query, [&](const json::Value& page) {
        for (Record& record : prime::read_activities(page, evidence_)) {
          std::string id = record.key;
          by_id.insert_or_assign(std::move(id), std::move(record));
        }
      });
      std::vector<Record> all;
      for (auto& [id, record] : by_id) {
        if (record.at >= from && record.at <= to) all.push_back(std::move(record));
      }
      return all;
    });
    return {kind, from, std::max(from, std::min(to, oldest_as_of_)), oldest_as_of_, once_each(records)};
  }
  if (!last_ || last_->from > from || last_->to != to) {
    oldest_as_of_ = caller_.clock().now();
    std::vector<prime::Transaction> read = transactions(from, to);
    last_ = LastReading{from, to, oldest_as_of_, std::move(read)};
  }
  for (const prime::Transaction& row : last_->transactions) {
    if (row.ledger_line.at < from) continue;
    if (kind == RecordKind::kLedgerLine) records.push_back(row.ledger_line);
    if (kind == RecordKind::kTransfer && row.transfer) records.push_back(*row.transfer);
    if (kind == RecordKind::kReward && row.reward) records.push_back(*row.reward);
    if (kind == RecordKind::kStake && row.stake) records.push_back(*row.stake);
  }
  // An answer from a cache is complete up to its own time only.
  return {kind, from, std::max(from, std::min(to, last_->asked_at)), last_->asked_at, once_each(records)};
}

std::vector<WindowAnswer> PrimeSource::facts() {
  oldest_as_of_ = caller_.clock().now();
  const auto at_epoch = [&](RecordKind kind, const std::vector<Record>& records) {
    return WindowAnswer{kind, time::Instant(), time::Instant(), oldest_as_of_, once_each(records)};
  };
  std::vector<WindowAnswer> answers;
  const std::vector<prime::Wallet> all = agreed(settings_.name + " wallets", [&] { return wallets(); });
  std::vector<Record> wallet_records;
  std::vector<Record> validators;
  for (const prime::Wallet& wallet : all) {
    wallet_records.push_back(wallet.record);
    if (wallet.symbol != "ETH" || wallet.type != "VAULT") continue;
    const Answer status = get("/wallets/" + http::percent_encode(wallet.id) + "/staking/status");
    for (Record& record : prime::read_staking_status(status.body, settings_.account, wallet))
      validators.push_back(std::move(record));
  }
  answers.push_back(at_epoch(RecordKind::kWallet, wallet_records));
  answers.push_back(at_epoch(RecordKind::kValidator, validators));
  if (last_) answers.push_back(validators_of_stakes(*last_));
  return answers;
}

/// Which validators the stakes of a window went to; each stands at the instant of its stake.
WindowAnswer PrimeSource::validators_of_stakes(const LastReading& reading) {
  std::vector<std::string> stakes;
  std::map<std::string, time::Instant> staked_at;
  for (const prime::Transaction& row : reading.transactions) {
    if (!row.stake || row.stake->asset != "ETH") continue;
    stakes.push_back(row.stake->key);
    staked_at[row.stake->key] = row.stake->at;
  }
  std::vector<Record> validators;
  oldest_as_of_ = caller_.clock().now();
  for (std::size_t begin = 0; begin < stakes.size(); begin += kValidatorQueryMax) {
    json::Writer writer;
    writer.begin_object().key("transaction_ids").begin_array();
    const std::size_t end = std::min(stakes.size(), begin + kValidatorQueryMax);
    for (std::size_t i = begin; i < end; ++i) writer.string(stakes[i]);
    writer.end_array().member("limit", 1000).end_object();
    const Answer answer = post_query("/staking/transaction-validators/query", writer.take());
    for (Record& record : prime::read_transaction_validators(answer.body, evidence_)) {
      const auto stake = staked_at.find(record.key.substr(0, record.key.find(':')));
      if (stake == staked_at.end()) base::refuse(record.key, "is of a transaction that was not asked for");
      record.at = record.updated_at = stake->second;
      validators.push_back(std::move(record));
    }
  }
  return {RecordKind::kValidator, reading.from, std::max(reading.from, std::min(reading.to, oldest_as_of_)),
          oldest_as_of_, once_each(validators)};
}

Receipt PrimeSource::withdraw(const Instruction& instruction) {
  json::Writer writer;
  writer.begin_object()
      .member("amount", instruction.amount)
      .member("currency_symbol", instruction.asset)
      .member("destination_type", "DESTINATION_BLOCKCHAIN")
      .member("idempotency_key", instruction.client_id)
      .key("blockchain_address")
      .begin_object()
      .member("address", instruction.address);
  if (!instruction.address_tag.empty()) writer.member("account_identifier", instruction.address_tag);
  if (!instruction.network.empty())
    writer.key("network")
        .begin_object()
        .member("id", instruction.network)
        .member("type", "mainnet")
        .end_object();
  writer.end_object().end_object();
  const std::string path = "/wallets/" + http::percent_encode(instruction.account) + "/withdrawals";
  const Answer answer = tell(path, writer.take(), instruction.not_after);
  return receipt_of(settings_.name + " " + path, [&]() -> Receipt {
    const ForeignObject body(answer.body, "");
    if (body.text("symbol") != instruction.asset ||
        body.amount("amount", instruction.asset) != instruction.amount)
      base::refuse("amount", "is about another withdrawal");
    return {body.id("transaction_id"), "", json::to_canonical(answer.body)};
  });
}

Receipt PrimeSource::staked(const Instruction& instruction, const char* what) {
  json::Writer writer;
  writer.begin_object().member("idempotency_key", instruction.client_id).key("inputs").begin_object();
  writer.member("amount", instruction.amount).end_object().end_object();
  const std::string path = "/wallets/" + http::percent_encode(instruction.account) + "/staking/" + what;
  const Answer answer = tell(path, writer.take(), instruction.not_after);
  return receipt_of(settings_.name + " " + path, [&]() -> Receipt {
    const ForeignObject body(answer.body, "");
    if (body.text("wallet_id") != instruction.account) base::refuse("wallet_id", "is another's");
    return {body.id("transaction_id"), "", json::to_canonical(answer.body)};
  });
}

Receipt PrimeSource::stake(const Instruction& instruction) { return staked(instruction, "initiate"); }
Receipt PrimeSource::unstake(const Instruction& instruction) { return staked(instruction, "unstake"); }
Receipt PrimeSource::convert(const Instruction&) {
  base::refuse("kind", "Coinbase Prime converts no staked coins");
}

}  // namespace navkeeper::custody
