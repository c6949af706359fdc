// The custodians' wire formats: recorded bodies of others, both spellings, what is refused; reading by
// windows; pace, retries, the breaker, the clock.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sys/stat.h>

#include <algorithm>

#include "common/base/refuse.h"
#include "services/custody/adapters/custodians/crypto_com_source.h"
#include "services/custody/adapters/custodians/crypto_com_wire.h"
#include "services/custody/adapters/custodians/instructions.h"
#include "services/custody/adapters/custodians/prime_wire.h"
#include "services/custody/adapters/record_json.h"
#include "tests/support/process.h"
#include "tests/support/vectors.h"

namespace navkeeper::custody {
namespace {

using money::Decimal;
using time::Duration;
using time::Instant;

struct Kept final : Evidence {
  void keep(RawAnswer answer) override { raw.push_back(std::move(answer)); }
  void raise(Alarm alarm) override { alarms.push_back(std::move(alarm)); }
  std::vector<RawAnswer> raw;
  std::vector<Alarm> alarms;
};

const Place kPlace{"cryptocom", "main"};
const Instant kStart = Instant::literal("2026-03-05T10:00:00Z");

json::Value parsed(std::string_view text) { return base::value_or_refuse(json::parse(text)); }

TEST(RecordedBodies, AreReadToTheLastDigit) {
  const auto vectors = tests::shared_vectors("ccxt/response/cryptocom.subset.json");
  SKIP_WITHOUT(vectors, "ccxt/response/cryptocom.subset.json");
  const json::Value& methods = tests::member(*vectors, "methods");
  const json::Value& balance = tests::member(tests::member(methods, "fetchBalance"), "httpResponse");
  EXPECT_EQ(crypto_com::read_envelope(balance).id, "1700184695140");
  CollectedEvidence nowhere;
  const auto balances = crypto_com::read_user_balance(balance, kPlace, kStart, {}, nowhere);
  ASSERT_EQ(balances.size(), 5U);
  EXPECT_EQ(*balances[1].total, Decimal::literal("94.3411639875"));
  EXPECT_EQ(*balances[1].held, Decimal::literal("11"));
  EXPECT_EQ(*balances[1].available, Decimal::literal("83.34116398"));
  EXPECT_EQ(*balances[4].total, Decimal::literal("29.01316839415396"));
  const json::Value& networks = tests::member(tests::member(methods, "fetchCurrencies"), "httpResponse");
  EXPECT_EQ(crypto_com::read_envelope(networks).code, "0");
  const auto records = crypto_com::read_networks(networks);
  const auto cronos = std::find_if(records.begin(), records.end(),
                                   [](const Record& record) { return record.key == "USDT:CRONOS"; });
  ASSERT_NE(cronos, records.end());
  EXPECT_EQ(*cronos->amount, Decimal::literal("0.18"));
  EXPECT_NE(cronos->document.find("\"confirmation_required\":\"15\""), std::string::npos);
}

std::string balance_answer(const std::string& row) {
  return R"({"id":"1","method":"private/user-balance","code":"0","result":{"data":[{"instrument_name":"USD",)"
         R"("position_balances":[)" +
         row + "]}]}}";
}

std::string wrong(const std::string& row) {
  CollectedEvidence evidence;
  try {
    crypto_com::read_user_balance(parsed(balance_answer(row)), kPlace, kStart, {}, evidence);
  } catch (const NotBelievable& why) {
    return why.kind();
  } catch (const base::Refused&) {
    return "refused";
  }
  return "";
}

TEST(CryptoComBalance, NumbersAndTextsAreOneAndAWrongAmountIsNeverGuessed) {
  EXPECT_EQ(wrong(R"({"instrument_name":"BTC","quantity":1.50000000,"reserved_qty":"0.5"})"), "");
  EXPECT_EQ(wrong(R"({"instrument_name":"BTC","quantity":"1250000000"})"), "wrong_amount");
  EXPECT_EQ(wrong(R"({"instrument_name":"BTC","quantity":"0.123456789"})"), "wrong_amount");
  EXPECT_EQ(wrong(R"({"instrument_name":"BTC","quantity":"-1"})"), "wrong_amount");
  EXPECT_EQ(wrong(R"({"instrument_name":"BTC","quantity":"1","reserved_qty":"2"})"), "wrong_amount");
  EXPECT_EQ(wrong(R"({"instrument_name":"BTC","quantity":"one"})"), "wrong_amount");
  EXPECT_EQ(wrong(R"({"instrument_name":"BTC"})"), "refused");
  EXPECT_EQ(wrong(R"({"instrument_name":"BTC","quantity":null})"), "refused");
  EXPECT_EQ(wrong(R"({"instrument_name":"B\u0000TC","quantity":"1"})"), "refused");
  EXPECT_EQ(wrong(R"({"instrument_name":"BTC","quantity":"1"},{"instrument_name":"BTC","quantity":"1"})"),
            "refused");
}

TEST(CryptoComStaking, AStakedInstrumentIsItsCoinAndAYieldBearingTokenIsItself) {
  CollectedEvidence evidence;
  auto balances = crypto_com::read_user_balance(
      parsed(balance_answer(
          R"({"instrument_name":"ETH","quantity":"10"},{"instrument_name":"ETH.staked","quantity":"32"})")),
      kPlace, kStart, {}, evidence);
  ASSERT_EQ(balances.size(), 1U);
  const auto positions = crypto_com::read_staking_positions(
      parsed(
          R"({"code":0,"result":{"data":[{"instrument_name":"ETH.staked","underlying_inst_name":"ETH","staked_quantity":"32",)"
          R"("pending_staked_quantity":"1","pending_unstaked_quantity":"2"},{"instrument_name":"CDCETH",)"
          R"("underlying_inst_name":"ETH.staked","staked_quantity":"5","pending_staked_quantity":"0",)"
          R"("pending_unstaked_quantity":"0"}]}})"),
      "main", evidence);
  Balance pattern;
  pattern.place = kPlace;
  pattern.staked_in_total = Counted::kNotStated;
  pattern.activating_in_staked = Counted::kApart;
  crypto_com::add_staking(balances, positions, pattern);
  ASSERT_EQ(balances.size(), 2U);
  EXPECT_EQ(*balances[0].staked, Decimal::literal("32"));
  EXPECT_EQ(*balances[0].unbonding, Decimal::literal("2"));
  EXPECT_EQ(owned(balances[0]), std::nullopt);  // nobody says whether the ten hold them
  balances[0].staked_in_total = Counted::kApart;
  EXPECT_EQ(owned(balances[0]), Decimal::literal("45"));
  EXPECT_EQ(balances[1].asset.value(), "CDCETH");
  EXPECT_EQ(*balances[1].staked, Decimal::literal("5"));
}

TEST(CryptoComHistory, UnknownStatusesAndMembersAreKeptAndSaid) {
  Kept kept;
  const auto deposits = crypto_com::read_deposits(
      parsed(
          R"({"code":"0","result":{"deposit_list":[{"id":"7","currency":"CRO","amount":"1000","fee":"0","address":"cro1a",)"
          R"("create_time":"1772704800000","update_time":1772704900000,"status":"9","colour":"blue"}]}})"),
      kept);
  ASSERT_EQ(deposits.size(), 1U);
  EXPECT_EQ(deposits[0].progress, Progress::kUnknown);
  EXPECT_NE(deposits[0].document.find("\"colour\":\"blue\""), std::string::npos);
  ASSERT_EQ(kept.alarms.size(), 1U);
  EXPECT_EQ(kept.alarms[0].kind, "unknown_status");
  const auto transfer = transfer_of(deposits[0]);
  ASSERT_TRUE(transfer);
  EXPECT_EQ(transfer->amount, Decimal::literal("1000"));
  EXPECT_EQ(transfer->direction, Direction::kIn);
  EXPECT_EQ(transfer->address, "cro1a");
  // The documents' own example of an open stake.
  const auto stakes = crypto_com::read_stakes(
      parsed(
          R"({"code":"0","result":{"data":[{"instrument_name":"SOL.staked","underlying_inst_name":"SOL","cycle_id":"2",)"
          R"("staking_id":"2","status":"UNSTAKING","account":"a","quantity":"0.5","side":"UNSTAKE",)"
          R"("create_timestamp_ms":"1668658093600"}]}})"),
      "a", kept);
  EXPECT_EQ(stakes[0].progress, Progress::kUnknown);
  EXPECT_THROW(
      crypto_com::read_stakes(
          parsed(
              R"({"code":"0","result":{"data":[{"underlying_inst_name":"SOL","staking_id":"2","status":"STAKED",)"
              R"("account":"b","quantity":"1","side":"STAKE","create_timestamp_ms":1668658093600}]}})"),
          "a", kept),
      NotBelievable);
}

TEST(CryptoComHistory, AnIdThatNoIndexHoldsIsNotBelieved) {
  const auto read = [](const std::string& id) {
    Kept kept;
    return crypto_com::read_deposits(
        parsed(R"({"code":"0","result":{"deposit_list":[{"id":")" + id +
               R"(","currency":"CRO","amount":"1","create_time":"1772704800000","status":"1"}]}})"),
        kept);
  };
  EXPECT_EQ(read(std::string(512, 'x')).at(0).key.size(), 520U);
  EXPECT_THROW(read(std::string(513, 'x')), base::Refused);
  EXPECT_THROW(read(""), base::Refused);
}

TEST(PrimeWire, ABalanceIsReadWithAllItsStates) {
  Balance pattern;
  pattern.place = {"prime", "w"};
  pattern.staked_in_total = Counted::kInside;
  const json::Value row = parsed(
      R"({"balance":{"symbol":"ETH","amount":"109.42","holds":"2","bonded_amount":"64","unbonding_amount":"1",)"
      R"("reserved_amount":"0","pending_rewards_amount":"0.1","past_rewards_amount":"3","withdrawable_amount":"42.42",)"
      R"("claimable_rewards_amount":"","quantum":"x"}})");
  prime::Wallet wallet;
  wallet.id = "w";
  wallet.symbol = "ETH";
  const Balance balance = prime::read_wallet_balance(row, wallet, pattern);
  EXPECT_EQ(owned(balance), Decimal::literal("109.42"));
  EXPECT_EQ(*balance.staked, Decimal::literal("64"));
  EXPECT_EQ(*balance.rewards_pending, Decimal::literal("0.1"));
  EXPECT_EQ(*balance.realised, Decimal::literal("3"));
  EXPECT_FALSE(balance.claimable);
  wallet.symbol = "BTC";
  EXPECT_THROW(prime::read_wallet_balance(row, wallet, pattern), base::Refused);
}

TEST(PrimeWire, ARequestToStakeSaysItsSideAndItsWallet) {
  const auto row = [](const char* id, const char* type) {
    return std::string(R"({"id":")") + id +
           R"(","wallet_id":"w-1","portfolio_id":"p","status":"TRANSACTION_PROCESSING","symbol":"ETH",)"
           R"("created_at":"2026-03-05T10:00:00.000Z","amount":"64","type":")" +
           type + R"("})";
  };
  Kept evidence;
  const auto read = prime::read_transactions(
      parsed(R"({"transactions":[)" + row("t1", "STAKE") + "," + row("t2", "PORTFOLIO_UNSTAKE") + "," +
             row("t3", "CLAIM_REWARDS") + "]}"),
      "p", evidence);
  ASSERT_EQ(read.size(), 3U);
  EXPECT_EQ(read[0].stake->key, "t1") << "by this key Prime lists its validators";
  EXPECT_NE(read[0].stake->document.find(R"("stake":{"account":"w-1","side":"stake"})"), std::string::npos)
      << read[0].stake->document;
  EXPECT_NE(read[1].stake->document.find(R"("side":"unstake")"), std::string::npos);
  EXPECT_EQ(read[2].stake->document.find(R"("side")"), std::string::npos);
}

TEST(PrimeWire, AWithdrawalsTagIsPartOfItsAddressAndARetriedOneIsReplaced) {
  Kept evidence;
  const auto read = prime::read_transactions(
      parsed(
          R"({"transactions":[{"id":"t1","wallet_id":"w-1","portfolio_id":"p","status":"TRANSACTION_RETRIED",)"
          R"("symbol":"CRO","created_at":"2026-03-05T10:00:00.000Z","amount":"64","type":"WITHDRAWAL",)"
          R"("transfer_to":{"type":"ADDRESS","value":"","address":"cro1there","account_identifier":"12345"},)"
          R"("network":"cronos-mainnet","idempotency_key":"k"}]})"),
      "p", evidence);
  ASSERT_TRUE(read.at(0).transfer);
  EXPECT_EQ(transfer_of(*read[0].transfer)->address, "cro1there?12345");
  const auto seen = instruction_seen(*read[0].transfer);
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->address, "cro1there?12345");
  EXPECT_EQ(seen->network, "cronos-mainnet");
  EXPECT_EQ(seen->account, "w-1");
  EXPECT_TRUE(seen->is_replaced);
}

std::string refusal_of_settings(const std::string& toml) {
  const auto document = runtime::TomlDocument::parse(toml, "nk.toml");
  try {
    auto root = document->root();
    read_settings(root.table("custody"), "/etc/navkeeper");
  } catch (const base::Refused& refused) {
    return refused.what();
  }
  return "";
}

TEST(Settings, NameFileLineAndKeyOfWhatIsWrong) {
  const std::string good =
      "[[custody.custodians]]\nname = \"c\"\nprotocol = \"crypto_com\"\nfund = \"F\"\n"
      "credentials_file = \"c.toml\"\n";
  EXPECT_EQ(refusal_of_settings("[custody]\nsync_seconds = 5\n" + good), "");
  EXPECT_NE(refusal_of_settings(good + good).find("named twice"), std::string::npos);
  const auto other = [&](const std::string& account) {
    return "[[custody.custodians]]\nname = \"d\"\nprotocol = \"crypto_com\"\nfund = \"F\"\n"
           "credentials_file = \"" +
           std::string(account.empty() ? "c" : "d") + ".toml\"\n" +
           (account.empty() ? "" : "account = \"" + account + "\"\n");
  };
  EXPECT_NE(refusal_of_settings(good + other("")).find("credentials_file: comes twice"), std::string::npos)
      << refusal_of_settings(good + other(""));
  EXPECT_NE(refusal_of_settings(good + "account = \"a\"\n" + other("a")).find("account: comes twice"),
            std::string::npos);
  EXPECT_EQ(refusal_of_settings(good + "account = \"a\"\n" + other("b")), "");
  EXPECT_NE(refusal_of_settings(good + "secret = \"s\"\n").find("unknown key"), std::string::npos);
  EXPECT_NE(refusal_of_settings(good + "staked_in_total = \"maybe\"\n").find("nk.toml:6"), std::string::npos);
  EXPECT_NE(refusal_of_settings(good + "base_url = \"ftp://x\"\n").find("http://"), std::string::npos);
  EXPECT_NE(refusal_of_settings("[[custody.custodians]]\nname = \"p\"\nprotocol = \"coinbase_prime\"\n"
                                "fund = \"F\"\ncredentials_file = \"p.toml\"\n")
                .find("portfolio"),
            std::string::npos);
}

TEST(Credentials, OfAFileThatOthersCanReadAreRefusedAndAreNeverPrinted) {
  const tests::TemporaryFolder folder;
  const std::string file = folder.write("c.toml", "key = \"k\"\nsecret = \"s3cret\"\n");
  ::chmod(file.c_str(), 0644);
  EXPECT_THROW(read_credentials(file, false), base::Refused);
  ::chmod(file.c_str(), 0600);
  EXPECT_EQ(read_credentials(file, false).secret.reveal(), "s3cret");
  EXPECT_THROW(read_credentials(file, true), base::Refused);  // no passphrase
  EXPECT_THROW(read_credentials(folder.path() / "nowhere", false), base::Refused);
}

TEST(HttpDate, OnlyTheFormThatIsSentIsRead) {
  EXPECT_EQ(parse_http_date("Thu, 05 Mar 2026 10:00:00 GMT"), kStart);
  for (const char* text :
       {"", "Thu, 05 Mar 2026 10:00:00 CET", "Thu, 32 Mar 2026 10:00:00 GMT", "2026-03-05T10:00:00Z"})
    EXPECT_EQ(parse_http_date(text), std::nullopt) << text;
}

/// A caller that hears what it is told to hear.
struct CallerRig {
  time::ManualClock clock{kStart};
  Kept kept;
  std::vector<Duration> pauses;
  std::vector<http::Response> answers;  ///< in turn; then the last again
  std::size_t asked = 0;
  Caller caller{"test",
                [this](const http::ClientRequest&) {
                  const std::size_t at = std::min(asked++, answers.size() - 1);
                  return answers[at];
                },
                [](const std::string&) { return TokenBucket(2, Duration::seconds(1)); },
                kept,
                clock,
                [this](Duration pause) {
                  pauses.push_back(pause);
                  clock.advance(pause);
                },
                [] { return 0U; },
                {.failures_max = 2}};
  Call call() const {
    return {"op", "", "{}", [](Instant) { return http::ClientRequest(); },
            [](const http::Response& response) -> Judgement {
              if (response.status == 429) return {Judgement::What::kAgain, "too many", Duration::seconds(30)};
              if (response.status == 400) return {Judgement::What::kRefused, "no", {}};
              return response.status == 200 ? Judgement{} : Judgement{Judgement::What::kAgain, "status", {}};
            }};
  }
};

TEST(Caller, TriesABoundedNumberOfTimesKeepsEveryAnswerAndThenLeavesTheSourceAlone) {
  CallerRig rig;
  rig.answers = {http::Response::text("oops", 503)};
  EXPECT_THROW(rig.caller.ask(rig.call()), base::Unavailable);
  EXPECT_EQ(rig.asked, 4U);
  EXPECT_EQ(rig.kept.raw.size(), 4U);
  EXPECT_EQ(rig.kept.raw[0].body, "oops");
  EXPECT_THROW(rig.caller.ask(rig.call()), base::Unavailable);
  EXPECT_EQ(rig.asked, 8U);
  EXPECT_THROW(rig.caller.ask(rig.call()), base::Unavailable);
  EXPECT_EQ(rig.asked, 8U);  // the breaker is open
  rig.clock.advance(Duration::seconds(61));
  rig.answers = {http::Response::json("{}")};
  rig.asked = 0;
  EXPECT_NO_THROW(rig.caller.ask(rig.call()));
  EXPECT_EQ(rig.asked, 1U);
}

TEST(Caller, WaitsAsLongAsItIsToldAndDoesNotAskAgainWhatIsRefused) {
  CallerRig rig;
  rig.answers = {http::Response::text("", 429), http::Response::json("{}")};
  rig.caller.ask(rig.call());
  EXPECT_TRUE(std::any_of(rig.pauses.begin(), rig.pauses.end(),
                          [](Duration p) { return p >= Duration::seconds(30); }));
  rig.answers = {http::Response::text("", 400)};
  rig.asked = 0;
  EXPECT_THROW(rig.caller.ask(rig.call()), base::Refused);
  EXPECT_EQ(rig.asked, 1U);
}

TEST(Caller, ACachesAgeAndAClockThatRunsOffAreSeen) {
  CallerRig rig;
  http::Response old = http::Response::json("{}");
  old.headers.set("Age", "600");
  old.headers.set("Date", "Thu, 05 Mar 2026 10:02:00 GMT");
  rig.answers = {old};
  const Answer answer = rig.caller.ask(rig.call());
  EXPECT_EQ(answer.as_of, kStart - Duration::seconds(600));
  ASSERT_EQ(rig.kept.alarms.size(), 1U);
  EXPECT_EQ(rig.kept.alarms[0].kind, "clock_skew");
  EXPECT_NE(rig.kept.alarms[0].detail.find("behind"), std::string::npos);
}

TEST(Caller, WhatMovesSomethingIsToldOnceAndInDoubtWhenNobodyKnows) {
  CallerRig rig;
  rig.answers = {http::Response::text("<html>", 200)};
  EXPECT_THROW(rig.caller.tell(rig.call()), base::InDoubt);
  EXPECT_EQ(rig.asked, 1U);
  rig.answers = {http::Response::json("{}", 503)};
  EXPECT_THROW(rig.caller.tell(rig.call()), base::InDoubt);
  EXPECT_EQ(rig.asked, 2U);
  // It moved, whatever the answer's headers say.
  http::Response odd = http::Response::json("{}");
  odd.headers.set("Age", "yesterday");
  rig.answers = {odd};
  EXPECT_THROW(rig.caller.tell(rig.call()), base::InDoubt);
  EXPECT_EQ(rig.asked, 3U);
  // Too late to leave: nothing is asked.
  EXPECT_THROW(rig.caller.tell(rig.call(), time::Instant::earliest()), base::Unavailable);
  EXPECT_EQ(rig.asked, 3U);
}

RC_GTEST_PROP(TokenBucket, NeverLetsMoreThroughThanItsRate, ()) {
  const int burst = *rc::gen::inRange(1, 6);
  const auto refill = Duration::milliseconds(*rc::gen::inRange(1, 100));
  TokenBucket bucket(burst, refill);
  Instant now = kStart;
  std::vector<Instant> taken;
  for (const int step : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 200))) {
    now = now + Duration::milliseconds(step);
    const Duration wait = bucket.take(now);
    if (wait == Duration()) {
      taken.push_back(now);
    } else {
      RC_ASSERT(bucket.take(now + wait) == Duration());
      now = now + wait;
      taken.push_back(now);
    }
  }
  for (std::size_t i = static_cast<std::size_t>(burst); i < taken.size(); ++i)
    RC_ASSERT(taken[i] - taken[i - static_cast<std::size_t>(burst)] >= refill);
}

/// A history without ids: rows at milliseconds, several alike at one of them.
RC_GTEST_PROP(TimeWindows, EveryRowIsReadAsOftenAsItStandsWhateverTheAnswerHolds, ()) {
  const auto rows = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 200));
  std::vector<Record> history;
  std::map<int, int> copies;
  for (const int ms : rows) {
    if (copies[ms] == 4) continue;  // an answer holds five
    ++copies[ms];
    Record record;
    record.at = record.updated_at = kStart + Duration::milliseconds(ms);
    record.key = record.document = std::to_string(ms);
    history.push_back(record);
  }
  const std::size_t limit = *rc::gen::inRange<std::size_t>(5, 30);
  const bool says_full = *rc::gen::arbitrary<bool>();  // a limit lower than documented is not said
  const AskWindow ask = [&](Instant from, Instant to) {
    WindowRows answer;
    for (const Record& record : history) {
      if (record.at >= from && record.at <= to) answer.rows.push_back(record);
    }
    std::stable_sort(answer.rows.begin(), answer.rows.end(),
                     [](const Record& a, const Record& b) { return a.at > b.at; });
    if (answer.rows.size() > limit) answer.rows.resize(limit);
    answer.full = says_full && answer.rows.size() == limit;
    return answer;
  };
  const auto read = read_windows(ask, kStart, kStart + Duration::milliseconds(200), {});
  RC_ASSERT(read == counted(history));
}

TEST(TimeWindows, MoreAtOneInstantThanAnAnswerHoldsAndRowsOfAnotherWindowAreNotBelieved) {
  Record record;
  record.at = kStart;
  record.key = record.document = "r";
  const AskWindow full = [&](Instant, Instant) { return WindowRows{{record, record, record}, true}; };
  EXPECT_THROW(read_windows(full, kStart, kStart, {}), base::Unavailable);
  const AskWindow other = [&](Instant, Instant) { return WindowRows{{record}, false}; };
  EXPECT_THROW(read_windows(other, kStart + Duration::seconds(1), kStart + Duration::seconds(2), {}),
               base::Unavailable);
}

}  // namespace
}  // namespace navkeeper::custody
