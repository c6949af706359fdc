#include "services/custody/adapters/custodians/crypto_com_source.h"

#include <algorithm>

#include "common/base/refuse.h"
#include "common/json/write.h"
#include "services/custody/adapters/custodians/crypto_com_wire.h"
#include "services/custody/adapters/custodians/instructions.h"

namespace navkeeper::custody {
namespace {

namespace wire = crypto_com;

constexpr std::int64_t kNsAMillisecond = 1'000'000;
constexpr std::size_t kTransferRowsMax = 200;
constexpr std::size_t kTransactionRowsMax = 100;
constexpr std::size_t kStakingRowsMax = 500;
constexpr std::int64_t kStakingHistoryDays = 180;  // "min end-180d"
constexpr std::int64_t kLedgerHistoryDays = 180;   // trade and transaction history: six months
constexpr std::int64_t kTransferHistoryDays = 3'660;
constexpr std::int64_t kWindowDays = 30;  ///< of one answer; longer histories are read in pieces
constexpr std::string_view kRoot = "/exchange/v1/";
constexpr auto kPauseAfterTooMany = time::Duration::seconds(1);
constexpr std::string_view kDuplicateClientId = "204 ";  // DUPLICATE_CLORDID

// "Rate Limits": per key and method. A bucket lets its burst and what is filled up through in one span: 50 a
// second for staking, 100 for public methods, 3 in any 100 ms for the others.
TokenBucket bucket_of(const std::string& method) {
  if (method.starts_with("private/staking/")) return {10, time::Duration::milliseconds(25)};
  if (method.starts_with("public/")) return {10, time::Duration::milliseconds(12)};
  if (method == "private/get-trades" || method == "private/get-order-history")
    return {1, time::Duration::seconds(1)};
  return {1, time::Duration::milliseconds(50)};
}

std::string milliseconds(time::Instant instant) { return std::to_string(instant.ns() / kNsAMillisecond); }

time::Instant whole_millisecond(time::Instant instant) {
  return time::Instant::from_ns(instant.ns() - instant.ns() % kNsAMillisecond);
}

std::string parameters_json(const CryptoComSource::Parameters& parameters) {
  json::Writer writer;
  writer.begin_object();
  for (const auto& [name, value] : parameters) writer.member(name, value);
  return writer.end_object().take();
}

Judgement again(std::string why, time::Duration wait = {}) {
  return {Judgement::What::kAgain, std::move(why), wait};
}

/// What an error code of theirs means for asking again ("Response and Reason Codes").
Judgement judge_error(const wire::Envelope& envelope, Evidence& evidence, const std::string& source) {
  const std::string said = envelope.code + " " + envelope.message;
  if (envelope.code == "42901") return again(said, kPauseAfterTooMany);
  if (envelope.code == "40801" || envelope.code == "50001") return again(said);
  if (envelope.code == "40006") return again(said);  // a new try has a new id and nonce
  if (envelope.code == "40102") {
    evidence.raise(
        {"clock_skew", source, "they refuse our nonce: it differs from their clock by more than 60 s"});
    return again(said);
  }
  return {Judgement::What::kRefused, said, {}};
}

}  // namespace

CryptoComSource::CryptoComSource(const CustodianSettings& settings, Credentials credentials,
                                 Transport transport, Evidence& evidence, const time::Clock& clock,
                                 Sleep sleep, Chance chance, CallerLimits limits)
    : settings_(settings),
      credentials_(std::move(credentials)),
      evidence_(evidence),
      caller_(settings.name, std::move(transport), bucket_of, evidence, clock, std::move(sleep),
              std::move(chance), limits) {}

std::string CryptoComSource::next_nonce(time::Instant now) {
  last_nonce_ = std::max(last_nonce_ + 1, now.ns() / kNsAMillisecond);
  return std::to_string(last_nonce_);
}

http::ClientRequest CryptoComSource::signed_request(const std::string& method, const Parameters& parameters,
                                                    time::Instant now) {
  CryptoComRequest to_sign;
  to_sign.method = method;
  to_sign.nonce = next_nonce(now);
  to_sign.id = sent_id_ = to_sign.nonce;
  std::vector<std::pair<std::string, RequestParameter>> members;
  for (const auto& [name, value] : parameters) members.emplace_back(name, RequestParameter::of_text(value));
  to_sign.parameters = RequestParameter::object(std::move(members));
  json::Writer writer;
  writer.begin_object().member("id", to_sign.id).member("method", method).key("params").begin_object();
  for (const auto& [name, value] : parameters) writer.member(name, value);
  writer.end_object();
  if (!method.starts_with("public/")) {
    writer.member("api_key", credentials_.key)
        .member("sig", sign_crypto_com(to_sign, credentials_.key, credentials_.secret));
  }
  writer.member("nonce", to_sign.nonce).end_object();
  http::ClientRequest request;
  request.method = http::Method::kPost;
  request.path = std::string(kRoot) + method;
  request.body = writer.take();
  return request;
}

Call CryptoComSource::call_of(const std::string& method, const Parameters& parameters) {
  Call call;
  call.operation = method;
  call.request = parameters_json(parameters);
  call.make = [this, method, parameters](time::Instant now) {
    return signed_request(method, parameters, now);
  };
  call.judge = [this, method](const http::Response& response) -> Judgement {
    const auto body = json::parse(response.body);
    if (body.has_error())
      return again("status " + std::to_string(response.status) + ", no JSON: " + body.error().message(),
                   response.status == 429 ? kPauseAfterTooMany : time::Duration());
    const wire::Envelope envelope = wire::read_envelope(*body);
    if (envelope.code != "0") return judge_error(envelope, evidence_, settings_.name);
    // Public methods answer with -1 where no id matters.
    if (envelope.id != sent_id_ && !(method.starts_with("public/") && envelope.id == "-1"))
      return again("it answers another request (id " + envelope.id + ", not " + sent_id_ + ")");
    if (envelope.method != method) return again("it answers another method, " + envelope.method);
    if (response.status != 200) return again("status " + std::to_string(response.status));
    return {};
  };
  return call;
}

Answer CryptoComSource::ask(const std::string& method, const Parameters& parameters) {
  Answer answer = caller_.ask(call_of(method, parameters));
  oldest_as_of_ = std::min(oldest_as_of_, answer.as_of);
  return answer;
}

Answer CryptoComSource::tell(const std::string& method, const Parameters& parameters,
                             time::Instant not_after) {
  Call call = call_of(method, parameters);
  call.judge = [judge = call.judge](const http::Response& response) {
    const Judgement judgement = judge(response);
    // Our id was used before: what was sent with it has to be looked up.
    if (judgement.what == Judgement::What::kRefused && judgement.why.starts_with(kDuplicateClientId))
      return again(judgement.why);
    return judgement;
  };
  return caller_.tell(call, not_after);
}

std::vector<Balance> CryptoComSource::balances() {
  struct Reading {
    std::vector<Balance> balances;
    std::vector<wire::StakingPosition> positions;
    time::Instant as_of;
    /// What was said, whenever it was.
    bool operator==(const Reading& other) const {
      const auto alike = [](const Balance& a, const Balance& b) {
        Balance same = b;
        same.as_of = a.as_of;
        same.raw_sha256 = a.raw_sha256;
        return a == same;
      };
      return positions == other.positions && std::equal(balances.begin(), balances.end(),
                                                        other.balances.begin(), other.balances.end(), alike);
    }
  };
  if (!settings_.account.empty()) wire::require_account(ask("private/get-accounts").body, settings_.account);
  const Place place{settings_.name, settings_.account.empty() ? std::string("main") : settings_.account};
  Balance pattern;
  pattern.place = place;
  pattern.staked_in_total = settings_.staked_in_total;
  pattern.activating_in_staked = settings_.activating_in_staked;
  if (settings_.untold_is_zero) pattern.total = money::Decimal();
  // The two are asked for in turns, so that what fails at every second answer does not fail alike.
  bool staked_first = false;
  Reading reading = agreed(settings_.name + " balances", [&] {
    Answer held;
    Answer staked;
    if (staked_first) staked = ask("private/staking/get-staking-position");
    held = ask("private/user-balance");
    if (!staked_first) staked = ask("private/staking/get-staking-position");
    staked_first = !staked_first;
    Reading made;
    made.as_of = std::min(held.as_of, staked.as_of);
    made.balances = wire::read_user_balance(held.body, place, made.as_of, held.sha256, evidence_);
    made.positions = wire::read_staking_positions(staked.body, place.account, evidence_);
    pattern.as_of = made.as_of;
    pattern.raw_sha256 = staked.sha256;
    return made;
  });
  wire::add_staking(reading.balances, reading.positions, pattern);
  return std::move(reading.balances);
}

std::vector<RecordKind> CryptoComSource::history_kinds() const {
  return {RecordKind::kTransfer, RecordKind::kLedgerLine, RecordKind::kReward, RecordKind::kStake};
}

time::Duration CryptoComSource::history_max(RecordKind kind) const {
  const std::int64_t days = kind == RecordKind::kTransfer     ? kTransferHistoryDays
                            : kind == RecordKind::kLedgerLine ? kLedgerHistoryDays
                                                              : kStakingHistoryDays;
  // A day less: the history's end moves while it is read.
  return time::Duration::hours(24 * (days - 1));
}

WindowRows CryptoComSource::rows(const std::string& method, time::Instant from, time::Instant to) {
  const time::Duration step = time::Duration::from_ns(kNsAMillisecond);
  WindowRows found;
  const auto of = [&](std::vector<Record> records, std::size_t rows_max) {
    found.full = records.size() >= rows_max;
    found.rows = std::move(records);
  };
  if (method == "private/get-deposit-history" || method == "private/get-withdrawal-history") {
    // Whether the ends belong to it is not documented: one more on each side is asked for, and left out
    // again.
    const Answer answer = ask(method, {{"start_ts", milliseconds(from - step)},
                                       {"end_ts", milliseconds(to + step)},
                                       {"page_size", std::to_string(kTransferRowsMax)},
                                       {"page", "0"}});
    of(method == "private/get-deposit-history" ? wire::read_deposits(answer.body, evidence_)
                                               : wire::read_withdrawals(answer.body, evidence_),
       kTransferRowsMax);
    std::erase_if(found.rows, [&](const Record& r) { return r.at == from - step || r.at == to + step; });
  } else if (method == "private/get-transactions") {
    const Answer answer = ask(method, {{"start_time", milliseconds(from)},
                                       {"end_time", milliseconds(to + step)},  // exclusive
                                       {"limit", std::to_string(kTransactionRowsMax)}});
    of(wire::read_transactions(answer.body, settings_.account, evidence_), kTransactionRowsMax);
  } else {
    const Answer answer = ask(method, {{"start_time", milliseconds(from)},
                                       {"end_time", milliseconds(to)},
                                       {"limit", std::to_string(kStakingRowsMax)}});
    if (method == "private/staking/get-reward-history")
      of(wire::read_rewards(answer.body), kStakingRowsMax);
    else if (method == "private/staking/get-open-stake" || method == "private/staking/get-stake-history")
      of(wire::read_stakes(answer.body, settings_.account, evidence_), kStakingRowsMax);
    else
      of(wire::read_conversions(answer.body, evidence_), kStakingRowsMax);
  }
  return found;
}

std::vector<CountedRecord> CryptoComSource::windows(RecordKind kind, time::Instant from, time::Instant to) {
  std::vector<std::string> methods;
  switch (kind) {
    case RecordKind::kTransfer:
      methods = {"private/get-deposit-history", "private/get-withdrawal-history"};
      break;
    case RecordKind::kLedgerLine:
      methods = {"private/get-transactions"};
      break;
    case RecordKind::kReward:
      methods = {"private/staking/get-reward-history"};
      break;
    case RecordKind::kStake:
      methods = {"private/staking/get-open-stake", "private/staking/get-stake-history",
                 "private/staking/get-open-convert", "private/staking/get-convert-history"};
      break;
    case RecordKind::kActivity:
    case RecordKind::kValidator:
    case RecordKind::kNetwork:
    case RecordKind::kTerms:
    case RecordKind::kWallet:
      base::refuse(std::string(describe(kind)), "Crypto.com has no history of it");
  }
  std::vector<CountedRecord> all;
  for (const std::string& method : methods) {
    const AskWindow ask_window = [&](time::Instant first, time::Instant last) {
      return rows(method, first, last);
    };
    all = merged(all, read_windows(ask_window, from, to, {}));
  }
  return all;
}

WindowAnswer CryptoComSource::history(RecordKind kind, time::Instant from, time::Instant to) {
  oldest_as_of_ = caller_.clock().now();
  WindowAnswer answer{kind, whole_millisecond(from), whole_millisecond(to), {}, {}};
  const time::Duration piece = time::Duration::hours(24 * kWindowDays);
  for (time::Instant begin = answer.from; begin <= answer.to;) {
    const time::Instant end = answer.to - begin > piece ? begin + piece : answer.to;
    answer.records = merged(answer.records, windows(kind, begin, end));
    if (end == answer.to) break;
    begin = end;  // pieces share their edge
  }
  // An answer from a cache is complete up to its own time only.
  answer.asked_at = oldest_as_of_;
  answer.to = std::max(answer.from, std::min(answer.to, oldest_as_of_));
  return answer;
}

std::vector<WindowAnswer> CryptoComSource::facts() {
  oldest_as_of_ = caller_.clock().now();
  const auto at_epoch = [&](RecordKind kind, std::vector<Record> records) {
    return WindowAnswer{kind, time::Instant(), time::Instant(), oldest_as_of_, counted(std::move(records))};
  };
  std::vector<WindowAnswer> answers;
  answers.push_back(
      at_epoch(RecordKind::kNetwork, wire::read_networks(ask("private/get-currency-networks").body)));
  std::vector<Record> terms = wire::read_staking_terms(ask("private/staking/get-staking-instruments").body);
  std::set<std::string> yield_bearing;
  for (const Record& term : terms) {
    if (!term.key.ends_with(".staked")) yield_bearing.insert(term.key);
  }
  for (const std::string& instrument : yield_bearing) {
    try {
      const Answer rate = ask("public/staking/get-conversion-rate", {{"instrument_name", instrument}});
      terms.push_back(wire::read_conversion_rate(rate.body, instrument));
    } catch (const base::Refused& refused) {  // not every instrument that is no ".staked" has a rate
      evidence_.raise({"no_conversion_rate", instrument, refused.what()});
    }
  }
  answers.push_back(at_epoch(RecordKind::kTerms, std::move(terms)));
  return answers;
}

Receipt CryptoComSource::withdraw(const Instruction& instruction) {
  Parameters parameters{{"client_wid", instruction.client_id},
                        {"currency", instruction.asset},
                        {"amount", instruction.amount.to_string()},
                        {"address", instruction.address}};
  if (!instruction.address_tag.empty()) parameters["address_tag"] = instruction.address_tag;
  if (!instruction.network.empty()) parameters["network_id"] = instruction.network;
  const Answer answer = tell("private/create-withdrawal", parameters, instruction.not_after);
  return receipt_of(settings_.name + " private/create-withdrawal", [&]() -> Receipt {
    const ForeignObject result = wire::result_of(answer.body);
    if (result.text("client_wid") != instruction.client_id)
      base::refuse("client_wid", "is another's: " + result.text("client_wid"));
    if (result.text("symbol") != instruction.asset ||
        result.amount("amount", instruction.asset) != instruction.amount)
      base::refuse("amount",
                   "is about another withdrawal: " + result.text("amount") + " " + result.text("symbol"));
    // Whether a tag comes along is not documented; the history's record, which is looked up next, has it.
    const std::string address = result.text("address");
    if (!is_same_address(address, instruction.address) &&
        !is_same_address(address, instruction.address + "?" + instruction.address_tag))
      base::refuse("address", "is another: " + address);
    const std::string network = result.text_or("network_id", "");
    if (!is_same_network(instruction.asset, {instruction.address, instruction.network}, network))
      base::refuse("network_id", "is another: " + network);
    return {"withdrawal:" + result.id("id"), "", json::to_canonical(answer.body)};
  });
}

Receipt CryptoComSource::staked(const Instruction& instruction, const char* method, const char* side) {
  const std::string instrument = instruction.asset + ".staked";
  const Answer answer =
      tell(method, {{"instrument_name", instrument}, {"quantity", instruction.amount.to_string()}},
           instruction.not_after);
  const Receipt receipt = receipt_of(settings_.name + " " + method, [&]() -> Receipt {
    const ForeignObject result = wire::result_of(answer.body);
    if (result.text("instrument_name") != instrument ||
        result.amount("quantity", instruction.asset) != instruction.amount)
      base::refuse("result", "is about another stake");
    const std::string status = result.text("status");
    const std::string reason = result.text_or("reason", "NO_ERROR");
    if (status != "REJECTED" && reason != "NO_ERROR") base::refuse("reason", reason);
    return {side + (":" + result.id("staking_id")), status, json::to_canonical(answer.body)};
  });
  if (receipt.status == "REJECTED")
    base::refuse(settings_.name + " " + method, "rejected: " + receipt.document);
  return receipt;
}

Receipt CryptoComSource::stake(const Instruction& instruction) {
  return staked(instruction, "private/staking/stake", "STAKE");
}
Receipt CryptoComSource::unstake(const Instruction& instruction) {
  return staked(instruction, "private/staking/unstake", "UNSTAKE");
}

Receipt CryptoComSource::convert(const Instruction& instruction) {
  const std::string method = "private/staking/convert";
  if (!instruction.conversion) base::refuse("conversion", "is missing");
  const Conversion& conversion = *instruction.conversion;
  // A coin's own name stands for its staked ones.
  const bool is_token = conversion.into.ends_with(".staked");
  const std::string from = is_token ? instruction.asset : instruction.asset + ".staked";
  const Answer answer = tell(method,
                             {{"from_instrument_name", from},
                              {"to_instrument_name", conversion.into},
                              {"expected_rate", conversion.expected_rate.to_string()},
                              {"from_quantity", instruction.amount.to_string()},
                              {"slippage_tolerance_bps", std::to_string(conversion.slippage_bps)}},
                             instruction.not_after);
  return receipt_of(settings_.name + " " + method, [&]() -> Receipt {
    const ForeignObject result = wire::result_of(answer.body);
    if (result.text("from_instrument_name") != from || result.text("to_instrument_name") != conversion.into ||
        result.amount("from_quantity", from) != instruction.amount)
      base::refuse("result", "is about another conversion");
    if (const std::string reason = result.text_or("reason", "NO_ERROR"); reason != "NO_ERROR")
      base::refuse("reason", reason);
    return {"CONVERT:" + result.id("convert_id"), result.text_or("status", ""),
            json::to_canonical(answer.body)};
  });
}

}  // namespace navkeeper::custody
