// The staking service's answers: what is believed, what is red, what is none; and the client on a real
// socket.
#include <gtest/gtest.h>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/http/problem.h"
#include "common/http/router.h"
#include "common/http/server.h"
#include "services/nav/adapters/fund_file.h"
#include "services/nav/adapters/nav_document.h"
#include "services/nav/adapters/staking_answer.h"
#include "services/nav/adapters/staking_client.h"
#include "services/nav/domain/sanity_checks.h"
#include "tests/unit/services/nav/nav_fixture.h"

namespace navkeeper::nav {
namespace {

const model::FundId kFund = model::FundId::literal("TEST");
const time::Date kDay = time::Date::literal("2026-01-09");
const time::Instant kValued = time::Instant::literal("2026-01-09T21:00:00Z");
constexpr const char* kState = R"("state":{"height":"120","root":"AA","at":"2026-01-09T20:55:00Z"})";
const StakingCutOff kCutOff{"cronos_pos", "cronos", 120, "AA",
                            time::Instant::literal("2026-01-09T20:55:00Z")};

std::string total(const std::string& account, const std::string& opening, const std::string& lines,
                  const std::string& closing,
                  const std::string& more = R"("difference":"0","not_tied":0,"broken":0)") {
  return R"({"chain":"cronos_pos","source":"cronos","asset":"ETH","account":")" + account +
         R"(","from":{"height":"1","at":"2026-01-08T20:55:00Z"},"to":{"height":"120","at":"2026-01-09T20:55:00Z"},"opening":")" +
         opening + R"(","lines":[)" + lines + R"(],"closing":")" + closing + R"(","intervals":3,)" + more +
         "}";
}
std::string line(const std::string& kind, const std::string& direction, const std::string& amount) {
  return R"({"kind":")" + kind + R"(","direction":")" + direction + R"(","amount":")" + amount + R"("})";
}
std::string readings(const std::string& positions, const std::string& state = kState) {
  return R"({"readings":[{"chain":"cronos_pos","source":"cronos",)" + state +
         R"(,"finalized":true,"raw_sha256":"00","known_at":"2026-01-09T20:56:00Z","positions":[)" +
         positions + "]}]}";
}
std::string position(const std::string& state, const std::string& amount) {
  return R"({"place":"a/b","asset":"ETH","state":")" + state + R"(","amount":")" + amount +
         R"(","verifiable":true})";
}

const std::string kTotals =
    R"({"totals":[)" +
    total("stake", "100",
          line("delegate", "in", "10") + "," + line("slashing", "out", "3") + "," +
              line("undelegate", "out", "7"),
          "100") +
    "," + total("unbonding", "0", line("undelegate", "in", "7"), "7") + "," +
    total("claimable", "1", line("reward_base", "in", "2") + "," + line("claim", "out", "3"), "0") + "]}";
const std::string kPositions = readings(position("active", "100") + "," + position("unbonding", "7") + "," +
                                        position("contingent", "55"));

PeerStatement statement_of(const std::string& totals, const std::string& positions,
                           const StakingCutOff& cut_off = kCutOff) {
  PeerStatement statement;
  statement.kind = PeerKind::kStaking;
  statement.as_of = kDay;
  statement.source = "the staking service";
  statement.hash = "ab";
  statement.is_reconciliation = true;
  add_source(statement, cut_off, read_totals(totals, "cronos"), read_staking_positions(positions, "cronos"));
  return statement;
}

Check check_of(PeerStatement statement, const char* booked = "107") {
  for (PeerLine& line : statement.lines) line.booked = dec(booked);
  ResolvedStrike resolved = test_strike();
  resolved.peers = {std::move(statement)};
  return check_staking(resolved);
}

TEST(StakingAnswer, RollForwardsThatHoldAndTheBooksBesideThemPass) {
  const PeerStatement statement = statement_of(kTotals, kPositions);
  ASSERT_EQ(statement.lines.size(), 1U);
  EXPECT_EQ(*statement.lines[0].opening, dec("100"));
  EXPECT_EQ(statement.lines[0].closing, dec("107"));
  EXPECT_EQ(statement.lines[0].penalties, dec("3"));
  const Check check = check_of(statement);
  EXPECT_EQ(check.status, CheckStatus::kPassed) << check.detail;
  EXPECT_NE(check.detail.find("in the books 107"), std::string::npos) << check.detail;
  const Check other_books = check_of(statement, "106.99999999");
  EXPECT_EQ(other_books.status, CheckStatus::kFailed);
  EXPECT_EQ(other_books.measured, "0.00000001");
}

TEST(StakingAnswer, AnyDifferenceIsRedWhateverStakingSaysOfIt) {
  const auto failed = [&](const std::string& totals, const std::string& positions, const char* word) {
    const Check check = check_of(statement_of(totals, positions));
    EXPECT_EQ(check.status, CheckStatus::kFailed) << word;
    EXPECT_NE(check.detail.find(word), std::string::npos) << check.detail;
  };
  const auto with = [](std::string text, const std::string& from, const std::string& to) {
    return text.replace(text.find(from), from.size(), to);
  };
  failed(with(kTotals, R"("amount":"10")", R"("amount":"11")"), kPositions, "rolls forward to 101");
  failed(with(kTotals, R"("difference":"0","not_tied":0)", R"("difference":"0.5","not_tied":1)"), kPositions,
         "1 intervals differ by 0.5");
  failed(with(kTotals, R"("broken":0)", R"("broken":2)"), kPositions, "2 intervals do not follow");
  failed(kTotals, readings(position("active", "99") + "," + position("unbonding", "7")),
         "its positions hold 99");
  // A claimable account that does not tie is red too, though the books have it elsewhere.
  failed(with(kTotals, R"("kind":"claim","direction":"out","amount":"3")",
              R"("kind":"claim","direction":"out","amount":"2")"),
         kPositions, "cronos/claimable");
}

TEST(StakingAnswer, AContradictionIsRedAndAnotherStateUnavailable) {
  PeerStatement contradicted = statement_of(kTotals, kPositions);
  const std::string alerts =
      R"({"alerts":[{"source":"cronos","kind":"contradiction","subject":"e1","detail":"told as a and b","known_at":"2026-01-09T10:00:00Z"},)"
      R"({"source":"cronos","kind":"jailed","subject":"val","detail":"","known_at":"2026-01-09T10:00:00Z"}]})";
  contradicted.contradictions = read_contradictions(alerts, time::Instant::literal("2026-01-09T09:00:00Z"));
  EXPECT_EQ(contradicted.contradictions, std::vector<std::string>{"told in two ways: e1: told as a and b"});
  EXPECT_TRUE(read_contradictions(alerts, time::Instant::literal("2026-01-09T10:00:00Z")).empty());
  EXPECT_EQ(check_of(contradicted).status, CheckStatus::kFailed);
  const auto raised = read_contradictions(
      R"({"alerts":[{"source":"cronos","kind":"claim_paid_away","subject":"p","detail":"4 CRO were paid to x","known_at":"2026-01-09T10:00:00Z"}],"more":true})",
      time::Instant::earliest());
  EXPECT_EQ(raised, (std::vector<std::string>{"not the fund's any more: p: 4 CRO were paid to x",
                                              "staking raised more than an answer holds"}));
  StakingCutOff other = kCutOff;
  other.root = "BB";
  const Check moved = check_of(statement_of(kTotals, kPositions, other));
  EXPECT_EQ(moved.status, CheckStatus::kUnavailable) << moved.detail;
  // It is an input like any other: what is stored recomputes.
  ResolvedStrike resolved = test_strike();
  resolved.definition_hash = definition_hash(test_fund());
  resolved.peers = {contradicted};
  JsonDocuments documents;
  const std::string inputs = documents.inputs(resolved);
  EXPECT_EQ(documents.inputs(documents.resolved(inputs, test_fund())), inputs);
}

TEST(StakingAnswer, WhatIsIlliquidIsAddedUpOverSourcesAndStandsInTheInputs) {
  const auto told = [](const char* staked, const char* illiquid, const char* breach) {
    return std::string(
               R"({"as_of":"2026-01-09T10:00:00Z","sale_days":7,"assets":[{"asset":"CRO","staked":")") +
           staked + R"(","illiquid":")" + illiquid + R"("}],"breach":)" + breach + "}";
  };
  StakedIlliquid illiquid;
  add_illiquid(illiquid, told("100", "60.5", "null"));
  add_illiquid(illiquid, told("7", "7", R"({"breach":1,"open":true,"missing":["plan_recorded"]})"));
  EXPECT_EQ(illiquid.coins.at(model::AssetId::literal("CRO")), dec("67.5"));
  EXPECT_TRUE(illiquid.is_breach_open);
  EXPECT_EQ(illiquid.missing, std::vector<std::string>{"plan_recorded"});
  EXPECT_THROW(add_illiquid(illiquid, told("7", "8", "null")), base::Refused) << "more than is staked";
  EXPECT_THROW(add_illiquid(illiquid, told("7", "-1", "null")), base::Refused);
  EXPECT_THROW(add_illiquid(illiquid, "{}"), base::Refused);
  PeerStatement statement = statement_of(kTotals, kPositions);
  statement.illiquid = illiquid;
  ResolvedStrike resolved = test_strike();
  resolved.definition_hash = definition_hash(test_fund());
  resolved.peers = {statement};
  JsonDocuments documents;
  const std::string inputs = documents.inputs(resolved);
  EXPECT_EQ(documents.resolved(inputs, test_fund()).peers, resolved.peers);
  EXPECT_EQ(documents.inputs(documents.resolved(inputs, test_fund())), inputs);
}

TEST(StakingAnswer, WhatIsFoundWithoutARollForwardStandsAsItWasFound) {
  const PeerStatement statement = statement_of(R"({"totals":[]})", kPositions);
  ASSERT_EQ(statement.lines.size(), 1U);
  EXPECT_EQ(*statement.lines[0].opening, dec("107"));
  EXPECT_EQ(check_of(statement).status, CheckStatus::kPassed);
}

TEST(StakingAnswer, WhatIsNoneIsRefused) {
  EXPECT_THROW(read_totals("[]", "cronos"), base::Refused);
  EXPECT_THROW(read_totals(kTotals, "other"), base::Refused);
  EXPECT_THROW(read_totals(R"({"totals":[)" + total("stake", "-1", "", "0") + "]}", "cronos"), base::Refused);
  EXPECT_THROW(read_totals(R"({"totals":[)" + total("vault", "1", "", "1") + "]}", "cronos"), base::Refused);
  EXPECT_THROW(
      read_totals(R"({"totals":[)" + total("stake", "1", "", "1") + "," + total("stake", "1", "", "1") + "]}",
                  "cronos"),
      base::Refused);
  EXPECT_THROW(
      read_totals(R"({"totals":[)" + total("stake", "1", line("delegate", "up", "1"), "1") + "]}", "cronos"),
      base::Refused);
  EXPECT_THROW(read_cut_offs(kPositions, kValued - time::Duration::hours(1)), base::Refused);
  EXPECT_EQ(read_cut_offs(kPositions, kValued), std::vector<StakingCutOff>{kCutOff});
  EXPECT_THROW(read_cut_offs(readings("", R"("state":{"height":"x","at":"2026-01-09T20:55:00Z"})"), kValued),
               base::Refused);
  EXPECT_THROW(read_staking_positions(readings(position("lost", "1")), "cronos"), base::Refused);
  EXPECT_THROW(read_staking_page(R"({"events":[{}],"more":false})"), base::Refused);
  EXPECT_THROW(read_staking_page(R"({"events":[]})"), base::Refused);
}

/// A service that answers what a test tells it to.
class ToldService {
 public:
  ToldService() {
    http::Router router;
    router.get("/v1/staking/funds/{fund}/positions",
               [this](const http::Request&) { return answer(positions); });
    router.get("/v1/staking/funds/{fund}/rollforward/totals", [this](const http::Request& request) {
      from = request.query_value("from") != nullptr ? *request.query_value("from") : "";
      return answer(totals);
    });
    router.get("/v1/staking/funds/{fund}/liquidity/illiquid", [this](const http::Request& request) {
      EXPECT_EQ(*request.query_value("source"), "cronos");
      if (illiquid.empty()) return http::not_found("no such route").to_response();
      return answer(illiquid);
    });
    router.get("/v1/staking/funds/{fund}/alerts",
               [this](const http::Request&) { return answer(R"({"alerts":[]})"); });
    router.get("/v1/staking/funds/{fund}/events", [this](const http::Request& request) {
      after = request.query_value("after_id") != nullptr ? *request.query_value("after_id") : "";
      return answer(events);
    });
    server_ = std::make_unique<http::Server>(std::move(router), http::ServerOptions{}, log::Logger::silent());
    server_->start();
  }
  ~ToldService() { server_->stop(); }
  StakingClient client() {
    return {[this] { return server_->url(); }, [] { return base::Secret("token"); }};
  }
  http::Response answer(const std::string& text) const {
    if (status != 200) return http::Problem{status, "told", "told"}.to_response();
    return http::Response::json(text);
  }

  std::string positions = kPositions, totals = kTotals, events = R"({"events":[],"more":false})";
  std::string illiquid = R"({"assets":[{"asset":"CRO","staked":"107","illiquid":"100"}],"breach":null})";
  std::string from, after;
  int status = 200;

 private:
  std::unique_ptr<http::Server> server_;
};

TEST(StakingClientOnASocket, AsksForThePeriodAndBelievesOnlyWhatItAskedFor) {
  ToldService service;
  StakingClient client = service.client();
  EXPECT_EQ(client.cut_offs(kFund, kValued), std::vector<StakingCutOff>{kCutOff});
  StakingPeriod period;
  period.to = {kCutOff};
  period.from = {{"cronos_pos", "cronos", 1, "", time::Instant::literal("2026-01-08T20:55:00Z")}};
  const auto statement = client.roll_forward(kFund, kDay, kValued, period);
  ASSERT_TRUE(statement);
  EXPECT_EQ(service.from, "2026-01-08T20:55:00Z");
  ASSERT_TRUE(statement->illiquid);
  EXPECT_EQ(statement->illiquid->coins.at(model::AssetId::literal("CRO")), dec("100"));
  service.illiquid.clear();
  const auto silent = client.roll_forward(kFund, kDay, kValued, period);
  ASSERT_TRUE(silent) << "the roll-forwards stand without";
  EXPECT_FALSE(silent->illiquid);
  EXPECT_EQ(check_of(*statement).status, CheckStatus::kPassed) << check_of(*statement).detail;
  const auto old = client.roll_forward(kFund, kDay, kValued + time::Duration::hours(30), period);
  EXPECT_EQ(check_of(*old).status, CheckStatus::kUnavailable);
  service.totals = R"({"totals":"none"})";
  EXPECT_THROW(client.roll_forward(kFund, kDay, kValued, period), base::Unavailable);
  client.events(kFund, {kValued, "e7"});
  EXPECT_EQ(service.after, "e7");
  service.status = 404;
  EXPECT_TRUE(client.cut_offs(kFund, kValued).empty());
  EXPECT_FALSE(client.roll_forward(kFund, kDay, kValued, period));
  service.status = 503;
  EXPECT_THROW(client.cut_offs(kFund, kValued), base::Unavailable);
}

TEST(StakingClientOnASocket, WithoutAnAddressThereIsNothing) {
  StakingClient client({}, {});
  EXPECT_TRUE(client.cut_offs(kFund, kValued).empty());
  EXPECT_TRUE(client.events(kFund, {}).events.empty());
}

}  // namespace
}  // namespace navkeeper::nav
