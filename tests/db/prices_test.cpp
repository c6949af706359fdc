// From stored trades to official prices on a real PostgreSQL: the ladder, what people decide, restatements,
// definitions that change, the job.
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <thread>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/crypto/digest.h"
#include "common/crypto/random.h"
#include "common/db/lease.h"
#include "common/db/pqxx_access.h"
#include "common/http/problem.h"
#include "common/http/router.h"
#include "services/pricing/adapters/price_json.h"
#include "services/pricing/adapters/price_store.h"
#include "services/pricing/adapters/rate_store.h"
#include "services/pricing/adapters/tape_store.h"
#include "services/pricing/adapters/trade_csv.h"
#include "services/pricing/adapters/trade_store.h"
#include "services/pricing/app/decide_by_hand.h"
#include "services/pricing/app/strike_job.h"
#include "services/pricing/service.h"
#include "services/staking/adapters/pricing_client.h"
#include "tests/db/prices_fixture.h"

namespace navkeeper::pricing {
namespace {

TEST_F(PricesTest, OfSeveralPoliciesAllAreStoredOrNone) {
  SqlPriceStore store(service_pool("pricing"));
  const std::string stored = policy_toml() + "# looked at again\n";
  const auto refused = refusal([&] {
    store.apply({{stored, "a.toml"}, {"asset = 1\n", "b.toml"}}, clock_.now(), "ann");
  });
  EXPECT_NE(refused.find("b.toml"), std::string::npos) << refused;
  // One that only what is stored can refuse, after the first one fitted.
  std::string token = kTokenPolicy;
  token.replace(token.find("coin = \"AAA\""), 12, "coin = \"ZZZ\"");
  EXPECT_NE(refusal([&] {
              store.apply({{stored, "a.toml"}, {token, "c.toml"}}, clock_.now(), "ann");
            }).find("c.toml"),
            std::string::npos);
  EXPECT_EQ(store.policies(kAsset).size(), 1U);
  EXPECT_EQ(store.apply({{stored, "a.toml"}, {stored, "again.toml"}}, clock_.now(), "ann").at(1).is_new,
            false);
  EXPECT_EQ(store.policies(kAsset).size(), 2U);
}

TEST_F(PricesTest, IndexAndPrincipalMarketStandBesideEachOtherAndTheFundsBasisDecides) {
  trade_day(kDay, "100", "100.10");
  const StoredPrice fund = price_of(kFundKey);
  EXPECT_EQ(fund.rung, "principal_market");
  EXPECT_EQ(fund.official(), money::Decimal::literal("100.1"));
  EXPECT_EQ(source_of(fund), "gemini AAA/USD, last trade at 2026-03-05T16:59:59Z");
  const StoredPrice trust = prices_.price(kTrustKey, Instant::latest()).value();
  EXPECT_EQ(trust.rung, "index");
  EXPECT_EQ(trust.official(), money::Decimal::literal("100"));
  for (const StoredPrice* price : {&fund, &trust}) {
    EXPECT_NE(price->document.find("\"value\":\"100.1\""), std::string::npos);
    EXPECT_NE(price->document.find("\"index\":\"NK_AAA\""), std::string::npos);
    EXPECT_EQ(price->determination, std::nullopt);
  }
  EXPECT_EQ(count("outbox WHERE kind = 'price_published'"), 2);
  EXPECT_EQ(count("outbox WHERE kind = 'rate_published'"), 2);
}

TEST_F(PricesTest, TheSameInputsPriceOnceAndOthersMakeAVersionThatKnownAtCanTellApart) {
  trade_day(kDay, "100", "100.10");
  const StoredPrice first = price_of(kFundKey);
  clock_.advance(Duration::hours(1));
  EXPECT_EQ(price_of(kFundKey).version, 1);
  EXPECT_EQ(count("price"), 2);
  clock_.advance(Duration::hours(1));
  trade("2026-03-05T16:59:59.5Z", "gemini", "100.20");
  const StoredPrice second = price_of(kFundKey);
  EXPECT_EQ(second.version, 2);
  EXPECT_EQ(second.value, money::Decimal::literal("100.2"));
  EXPECT_EQ(prices_.price(kFundKey, first.known_at)->value, money::Decimal::literal("100.1"));
  EXPECT_FALSE(prices_.price(kFundKey, first.known_at - Duration::from_ns(1)).has_value());
  clock_.set(kClose + Duration::minutes(2));
  trade("2026-03-05T16:59:59.7Z", "gemini", "100.30");
  const StoredPrice third = price_of(kFundKey);
  EXPECT_EQ(third.version, 3) << "a clock that went back";
  EXPECT_GE(third.known_at, second.known_at) << "is behind what the tape knows, and that counts";
}

TEST_F(PricesTest, WhereTheIndexFailsTheSecondAnswersAndSaysSo) {
  trade("2026-03-05T16:10:00Z", "coinbase", "100");
  const StoredPrice trust = price_of(kTrustKey);
  EXPECT_EQ(trust.rung, "second_index");
  EXPECT_EQ(trust.official(), money::Decimal::literal("100"));
  EXPECT_NE(trust.document.find("NK_AAA version 1 is failed"), std::string::npos) << trust.document;
  const StoredPrice fund = prices_.price(kFundKey, Instant::latest()).value();
  EXPECT_EQ(fund.rung, "second_index");
  EXPECT_NE(fund.document.find("no trade on the principal market"), std::string::npos);
  EXPECT_NE(
      fund.document.find("\"check\":\"venue_count\",\"evidence\":\"coinbase\",\"measured\":\"1\",\"result\":"
                         "\"failed\""),
      std::string::npos)
      << fund.document;
}

TEST_F(PricesTest, WhereAllFailAManualPriceCountsOnceASecondPersonApprovedIt) {
  const StoredPrice none = price_of(kTrustKey);
  EXPECT_EQ(none.official(), std::nullopt);
  EXPECT_EQ(state_of(none), "none");
  const ManualProposal proposal{kAsset, kDay, money::Decimal::literal("99.5"), "broker's screen"};
  EXPECT_NE(refusal([&] {
              propose_manual_price(ports(), proposal, actor("eve", {Role::kApprover}));
            }).find("maker"),
            std::string::npos);
  for (const std::string& source : {std::string(), std::string("a\0b", 3), std::string(2'001, 'x')})
    EXPECT_NE(refusal([&] {
                propose_manual_price(ports(), {kAsset, kDay, proposal.value, source}, actor("ann"));
              }).find("source"),
              std::string::npos);
  EXPECT_NE(refusal([&] {
              propose_manual_price(ports(), {kAsset, kDay + 1, proposal.value, "screen"}, actor("ann"));
            }).find("has not come"),
            std::string::npos);
  const auto proposed = propose_manual_price(ports(), proposal, actor("ann"));
  EXPECT_EQ(price_of(kTrustKey).official(), std::nullopt);
  EXPECT_NE(refusal([&] {
              approve_manual_price(ports(), kAsset, kDay, proposed.number, actor("ann"));
            }).find("who may not approve it"),
            std::string::npos);
  EXPECT_TRUE(approve_manual_price(ports(), kAsset, kDay, proposed.number, actor("bob")));
  EXPECT_FALSE(approve_manual_price(ports(), kAsset, kDay, proposed.number, actor("bob")));
  EXPECT_THROW(approve_manual_price(ports(), kAsset, kDay, proposed.number, actor("cal")), base::Conflict);
  const StoredPrice trust = price_of(kTrustKey);
  EXPECT_EQ(trust.rung, "manual");
  EXPECT_EQ(trust.official(), money::Decimal::literal("99.5"));
  EXPECT_EQ(source_of(trust), "manual price from broker's screen");
  const auto newer = propose_manual_price(
      ports(), {kAsset, kDay, money::Decimal::literal("98"), "another screen"}, actor("bob"));
  EXPECT_THROW(approve_manual_price(ports(), kAsset, kDay, proposed.number, actor("cal")), base::Conflict);
  EXPECT_EQ(price_of(kTrustKey).official(), money::Decimal::literal("99.5")) << "the approved one counts";
  EXPECT_EQ(newer.number, 2);
}

TEST_F(PricesTest, TheDatabaseItselfRefusesOnePersonForTwo) {
  propose_manual_price(ports(), {kAsset, kDay, money::Decimal::literal("99"), "screen"}, actor("ann"));
  const auto run = [&](const std::string& sql) {
    service_pool("pricing").transact([&](db::Transaction& transaction) { db::execute(transaction, sql); });
  };
  EXPECT_THROW(run("INSERT INTO manual_price_approval VALUES ('AAA', '2026-03-05', 1, 'ann', 'ann', 1)"),
               db::ConstraintViolation);
  EXPECT_THROW(run("INSERT INTO manual_price_approval VALUES ('AAA', '2026-03-05', 1, 'eve', 'bob', 1)"),
               db::ConstraintViolation);
  EXPECT_THROW(run("UPDATE manual_price SET value = 1"), db::SqlError);
  price_of(kFundKey);
  const std::string step =
      "INSERT INTO determination_step VALUES ('AAA', '2026-03-05', 'ICA_1940', 'fair_value', 1, ";
  EXPECT_THROW(run(step + "1, 'approved', 99, 'bob', '', '[]', true, 1)"), db::ConstraintViolation);
  run(step + "1, 'determined', 99, 'ann', 'quotes', '[]', true, 1)");
  EXPECT_THROW(run(step + "2, 'approved', 99, 'ann', '', '[]', true, 2, 1, 'determined', 99, 'ann')"),
               db::ConstraintViolation);
  EXPECT_THROW(run(step + "2, 'approved', 98, 'bob', '', '[]', true, 2, 1, 'determined', 99, 'ann')"),
               db::ConstraintViolation);
  EXPECT_THROW(run(step + "2, 'approved', 99, 'bob', '', '[]', true, 2, 1, 'determined', 99, 'eve')"),
               db::ConstraintViolation);
  run(step + "2, 'approved', 99, 'bob', '', '[]', true, 2, 1, 'determined', 99, 'ann')");
  EXPECT_THROW(run(step + "3, 'determined', 97, 'ann', 'again', '[]', true, 3, 2, 'approved', 99, 'bob')"),
               db::ConstraintViolation);
  EXPECT_THROW(run("DELETE FROM determination_step"), db::SqlError);
  EXPECT_THROW(
      run("INSERT INTO price SELECT asset, date, act, basis, 9, policy_version, 1, 'previous', true, "
          "valuation_ns, input_hash, document, known_at_ns, actor FROM price WHERE act = 'ICA_1940'"),
      db::ConstraintViolation);
}

TEST_F(PricesTest, APreviousValueOfA1940ActFundWaitsForADeterminationByTwoPeople) {
  trade_day(kDay, "100", "100.10");
  price_of(kFundKey);
  clock_.set(kClose + Duration::hours(24) + Duration::minutes(2));
  const PriceKey fund{kAsset, kDay + 1, kFund};
  const StoredPrice waiting = price_of(fund);
  EXPECT_EQ(waiting.rung, "previous");
  EXPECT_EQ(waiting.value, money::Decimal::literal("100.1"));
  EXPECT_EQ(waiting.official(), std::nullopt);
  ASSERT_TRUE(waiting.determination.has_value());
  EXPECT_EQ(waiting.determination->trigger, DeterminationTrigger::kPreviousValue);
  EXPECT_TRUE(waiting.determination->for_board);
  const StoredPrice trust = prices_.price({kAsset, kDay + 1, kTrust}, Instant::latest()).value();
  EXPECT_EQ(trust.official(), money::Decimal::literal("100"))
      << "an index's rules publish the previous value";

  const auto price = money::Decimal::literal("97.25");
  const auto determined = [&](const model::Actor& who, const std::string& method = "mean of two quotes") {
    return determine_price(ports(), fund, price, method, {{"quote", "97.25", "broker"}}, false, who);
  };
  EXPECT_NE(refusal([&] { determined(actor("ann"), ""); }).find("method: is empty"), std::string::npos);
  EXPECT_NE(refusal([&] { determined(actor("eve", {Role::kOperator})); }).find("maker"), std::string::npos);
  EXPECT_NE(refusal([&] { approve_determination(ports(), fund, 1, price, actor("bob")); }).find("nothing is"),
            std::string::npos);
  determined(actor("ann"));
  const Instant before_approval = clock_.now();
  clock_.advance(Duration::minutes(5));
  EXPECT_EQ(prices_.price(fund, Instant::latest())->official(), std::nullopt);
  EXPECT_NE(
      refusal([&] { approve_determination(ports(), fund, 1, price, actor("ann")); }).find("does not approve"),
      std::string::npos);
  EXPECT_THROW(approve_determination(ports(), fund, 1, money::Decimal::literal("97"), actor("bob")),
               base::Conflict);
  EXPECT_TRUE(approve_determination(ports(), fund, 1, price, actor("bob")));
  EXPECT_FALSE(approve_determination(ports(), fund, 1, price, actor("bob")));
  EXPECT_THROW(approve_determination(ports(), fund, 1, price, actor("cal")), base::Conflict);
  EXPECT_NE(refusal([&] { determined(actor("ann")); }).find("approved already"), std::string::npos);
  const StoredPrice official = prices_.price(fund, Instant::latest()).value();
  EXPECT_EQ(official.official(), price);
  EXPECT_EQ(official.official_since(), clock_.now());
  // What a NAV has to name: the determination, and not only what opened it.
  EXPECT_NE(official_hash_of(official), official.input_hash_hex);
  EXPECT_EQ(official_hash_of(trust), trust.input_hash_hex);
  StoredPrice by_another_method = official;
  by_another_method.determination->method = "last trade elsewhere";
  EXPECT_NE(official_hash_of(by_another_method), official_hash_of(official));
  EXPECT_EQ(prices_.price(fund, before_approval)->official(), std::nullopt);
  EXPECT_EQ(count("outbox WHERE kind LIKE 'determination%'"), 3);
  EXPECT_EQ(count("audit WHERE kind LIKE 'determination%'"), 3);
  // The next day's previous value is the determined one.
  clock_.set(kClose + Duration::hours(48) + Duration::minutes(2));
  EXPECT_EQ(price_of({kAsset, kDay + 2, kFund}).value, price);
}

TEST_F(PricesTest, AnApprovalNamesTheDeterminationThatItSaw) {
  price_of(kFundKey);
  const auto price = money::Decimal::literal("97");
  determine_price(ports(), kFundKey, price, "mean of three brokers", {{"quote", "97", "broker"}}, false,
                  actor("ann"));
  clock_.advance(Duration::minutes(1));
  const StoredPrice second =
      determine_price(ports(), kFundKey, price, "a guess", {{"guess", "97", "me"}}, false, actor("cal"));
  EXPECT_EQ(second.determination->number, 2);
  EXPECT_EQ(second.determination->method, "a guess");
  for (const DeterminationInput& input : second.determination->inputs)
    EXPECT_NE(input.name, "quote") << "the inputs are of who determined it last";
  clock_.advance(Duration::minutes(1));
  EXPECT_THROW(approve_determination(ports(), kFundKey, 1, price, actor("bob")), base::Conflict);
  EXPECT_TRUE(approve_determination(ports(), kFundKey, 2, price, actor("bob")));
  EXPECT_EQ(prices_.price(kFundKey, Instant::latest())->determination->number, 2);
}

TEST_F(PricesTest, NumbersOfDeterminationsGoOnOverTheVersionsOfAPrice) {
  price_of(kFundKey);
  const auto price = money::Decimal::literal("97");
  const auto determine_by = [&](const char* who) {
    return determine_price(ports(), kFundKey, price, "quotes", {{"quote", "97", "broker"}}, false, actor(who))
        .determination->number;
  };
  EXPECT_EQ(determine_by("ann"), 1);
  clock_.advance(Duration::minutes(1));
  trade_day(kDay, "100", "101");
  ASSERT_TRUE(strike_rate(rates_, clock_, "NK_AAA", kDay, "ann").has_value());
  ASSERT_EQ(price_of(kFundKey).version, 2);
  EXPECT_EQ(determine_by("cal"), 2);
  EXPECT_THROW(approve_determination(ports(), kFundKey, 1, price, actor("bob")), base::Conflict);
  EXPECT_EQ(prices_.price(kFundKey, Instant::latest())->determination->number, 2);
}

TEST_F(PricesTest, OfManyWhoApproveAtOnceOneDoesAndTheOthersAreTold) {
  price_of(kFundKey);
  const auto price = money::Decimal::literal("97");
  determine_price(ports(), kFundKey, price, "quotes", {{"quote", "97", "broker"}}, false, actor("ann"));
  propose_manual_price(ports(), {kAsset, kDay, price, "screen"}, actor("ann"));
  std::atomic<int> approved{0};
  std::atomic<int> told{0};
  std::vector<std::thread> people;
  for (const char* who : {"bob", "cal", "dan", "eve"}) {
    people.emplace_back([&, who] {
      SqlRateStore rates(service_pool("pricing"));
      SqlPriceStore prices(service_pool("pricing"));
      const PricePorts own{rates, prices, clock_};
      for (const bool manual : {false, true}) {
        try {
          const bool is_new = manual ? approve_manual_price(own, kAsset, kDay, 1, actor(who))
                                     : approve_determination(own, kFundKey, 1, price, actor(who));
          approved += is_new ? 1 : 0;
        } catch (const base::Conflict&) {
          ++told;
        }
      }
    });
  }
  for (std::thread& person : people) person.join();
  EXPECT_EQ(approved, 2);
  EXPECT_EQ(told, 6);
  EXPECT_EQ(count("determination_step WHERE kind = 'approved'"), 1);
  EXPECT_EQ(count("manual_price_approval"), 1);
}

TEST_F(PricesTest, ADeterminationBelongsToTheEvidenceThatItWasOpenedOn) {
  price_of(kFundKey);
  const auto price = money::Decimal::literal("97");
  determine_price(ports(), kFundKey, price, "quotes", {}, false, actor("ann"));
  clock_.advance(Duration::minutes(1));
  trade_day(kDay, "100", "101");
  ASSERT_TRUE(strike_rate(rates_, clock_, "NK_AAA", kDay, "ann").has_value());
  const StoredPrice after = price_of(kFundKey);
  EXPECT_EQ(after.version, 2);
  ASSERT_TRUE(after.determination.has_value());
  EXPECT_EQ(after.determination->trigger, DeterminationTrigger::kBasisGap);
  EXPECT_EQ(after.determination->state, DeterminationState::kOpen);
  EXPECT_NE(
      refusal([&] { approve_determination(ports(), kFundKey, 1, price, actor("bob")); }).find("nothing is"),
      std::string::npos);
}

TEST_F(PricesTest, APriceThatDoesNotMoveOpensADetermination) {
  // Waiting makes nothing fresh: it goes on waiting, however long nobody decides.
  for (int day = 0; day < 9; ++day) {
    clock_.set(kClose + Duration::hours(24 * day) + Duration::minutes(2));
    trade_day(kDay + day, "100", "100.10");
    const StoredPrice price = price_of({kAsset, kDay + day, kFund});
    EXPECT_EQ(price.determination.has_value(), day >= 2) << day;
    EXPECT_EQ(price.official().has_value(), day < 2) << day;
  }
}

TEST_F(PricesTest, ALateTradeBeforeMidnightRestatesTheRateAndLessThanTenBasisPointsDoNot) {
  trade_day(kDay, "100", "100.10");
  run_job();
  EXPECT_EQ(lines_with("rate struck"), 2);
  trade("2026-03-05T16:50:01Z", "coinbase", "100.10",
        "2.5");  // a median of 100.10 in one of two partitions: 5 bp
  clock_.advance(Duration::minutes(1));
  run_job(true);
  RateQuery query;
  query.index = "NK_AAA";
  EXPECT_EQ(rates_.find(query).at(0).version, 1);
  trade("2026-03-05T16:50:02Z", "coinbase", "101", "500");
  clock_.advance(Duration::minutes(1));
  run_job(true);
  const StoredRate restated = rates_.find(query).at(0);
  EXPECT_EQ(restated.version, 2);
  EXPECT_EQ(restated.cause, "restated");
  EXPECT_EQ(restated.value, "100.50");
  EXPECT_EQ(count("outbox WHERE kind = 'rate_restated' AND body LIKE "
                  "'%\"index\":\"NK_AAA\"%\"value_before\":\"100.00\"%'"),
            1);
  EXPECT_EQ(prices_.price(kTrustKey, Instant::latest())->value, money::Decimal::literal("100.5"));
  // The day is over: the same again changes nothing by itself; a person may correct.
  trade("2026-03-05T16:50:03Z", "coinbase", "103", "5000");
  clock_.set(Instant::literal("2026-03-05T23:59:59Z"));
  run_job(true);
  EXPECT_EQ(rates_.find(query).at(0).version, 2);
  const auto corrected = strike_rate(rates_, clock_, "NK_AAA", kDay, "ann");
  ASSERT_TRUE(corrected.has_value());
  EXPECT_EQ(corrected->rate.cause, "corrected");
  EXPECT_EQ(count("outbox WHERE kind = 'rate_corrected'"), 1);
}

TEST_F(PricesTest, ADefinitionOfNextWeekLeavesThisWeekAsItWas) {
  trade_day(kDay, "100", "100.10");
  price_of(kFundKey);
  RateQuery query;
  query.index = "NK_AAA";
  const std::string before = rates_.find(query).at(0).document;
  EXPECT_NE(refusal([&] { define(index_toml("NK_AAA", "vwap", 1, 2)); }).find("has been struck until"),
            std::string::npos);
  EXPECT_NE(refusal([&] {
              define(index_toml("NK_AAA", "vwap", 1, 2, "effective_from = 2026-03-05\n"));
            }).find("has been struck until"),
            std::string::npos);
  define(index_toml("NK_AAA", "vwap", 1, 2, "effective_from = 2026-03-12\n"));
  EXPECT_FALSE(strike_rate(rates_, clock_, "NK_AAA", kDay, "ann")->is_new);
  EXPECT_EQ(rates_.find(query).at(0).document, before);
  EXPECT_EQ(rates_.definition_on("NK_AAA", Date::literal("2026-03-11"))->index.statistic,
            Statistic::kVolumeWeightedMedian);
  EXPECT_EQ(rates_.definition_on("NK_AAA", Date::literal("2026-03-12"))->index.statistic, Statistic::kVwap);
  // One that ends and a next one that begins too late leave days without a rule.
  define(index_toml("NK_GAP", "vwap", 1, 1, "effective_from = 2026-03-20\neffective_to = 2026-03-25\n"));
  EXPECT_NE(refusal([&] {
              define(index_toml("NK_GAP", "vwap", 1, 2, "effective_from = 2026-03-27\n"));
            }).find("leaves a gap"),
            std::string::npos);
  EXPECT_EQ(rates_.definition_on("NK_GAP", Date::literal("2026-03-26")), std::nullopt);
  EXPECT_NE(refusal([&] { define(index_toml("BRR", "vwap", 1, 2)); }).find("never by a licensed name"),
            std::string::npos);
}

TEST_F(PricesTest, AnotherPrincipalMarketHoldsFromItsDayAndItsHistoryStays) {
  trade_day(kDay, "100", "100.10");
  price_of(kFundKey);
  EXPECT_NE(refusal([&] { apply(policy_toml("", "2026-03-05", "kraken")); }).find("has been priced until"),
            std::string::npos);
  apply(policy_toml("", "2026-03-06", "kraken"));
  EXPECT_EQ(prices_.policy_on(kAsset, kDay)->policy.market->venue.value(), "gemini");
  EXPECT_EQ(prices_.policy_on(kAsset, kDay + 1)->policy.market->venue.value(), "kraken");
  EXPECT_EQ(prices_.policies(kAsset).size(), 2U);
  EXPECT_EQ(price_of(kFundKey).version, 1);
}

TEST_F(PricesTest, AnIndexOfAnotherPairOrTimeNeverPricesAnAsset) {
  trade_day(kDay, "100", "100.10");
  std::string other = index_toml("NK_BBB", "vwap", 1, 1);
  other.replace(other.find("AAA/USD"), 7, "BBB/USD");
  define(other);
  std::string early = index_toml("NK_EARLY", "vwap", 1, 1);
  early.replace(early.find("17:00"), 5, "16:30");
  define(early);
  const auto with_second = [](const std::string& from, const char* second) {
    std::string policy = policy_toml("", from);
    policy.replace(policy.find("NK_AAA_VWAP"), 11, second);
    return policy;
  };
  apply(with_second("2026-03-01", "NK_EARLY"));
  EXPECT_NE(
      price_of(kTrustKey).document.find("NK_EARLY strikes at 2026-03-05T16:30:00Z, not at the valuation"),
      std::string::npos);
  EXPECT_NE(refusal([&] {
              apply(with_second("2026-03-06", "NK_BBB"));
            }).find("second_index: NK_BBB prices BBB/USD, the policy needs AAA/USD"),
            std::string::npos);
}

TEST_F(PricesTest, TheJobStrikesWhenTheTradesHadTheirTimeCatchesUpAndStrikesEachDayOnce) {
  clock_.set(kClose + Duration::seconds(59));
  trade_day(kDay, "100", "100.10");
  run_job();
  EXPECT_EQ(count("rate"), 0);
  clock_.set(kClose + Duration::seconds(60));
  run_job();
  EXPECT_EQ(count("rate"), 2);
  EXPECT_EQ(count("price"), 2);
  run_job();
  EXPECT_EQ(count("rate"), 2);
  // Three days of downtime.
  clock_.set(kClose + Duration::hours(72) + Duration::minutes(5));
  for (int day = 1; day <= 3; ++day)
    trade_day(kDay + day, std::to_string(100 + day), std::to_string(100 + day));
  run_job();
  EXPECT_EQ(count("rate"), 8);
  EXPECT_EQ(count("price"), 8);
  EXPECT_EQ(count("outbox WHERE kind = 'rate_published'"), 8);
}

TEST_F(PricesTest, DaysMissedLongAgoArePassedOverSaidOnceAndStruckByHandAlone) {
  trade_day(kDay, "100", "100");
  run_job();
  EXPECT_EQ(count("rate"), 2);
  const int away = 200;
  trade_day(kDay + 1, "101", "101");
  trade_day(kDay + away - 10, "102", "102");
  clock_.set(kClose + Duration::hours(24 * away) + Duration::minutes(5));
  lines_.clear();
  run_job();
  EXPECT_EQ(count("rate"), 2 + 2 * 11) << "ten days and today";
  EXPECT_EQ(count("rate WHERE date < '2026-09-11' AND date > '2026-03-05'"), 0);
  EXPECT_EQ(count("price WHERE date < '2026-09-11' AND date > '2026-03-05'"), 0);
  EXPECT_EQ(lines_with("days passed over NK_AAA 2026-03-06 to 2026-09-10, more than 10 days ago; by hand: "
                       "rates strike NK_AAA --date D"),
            1);
  EXPECT_EQ(lines_with("days passed over AAA 2026-03-06 to 2026-09-10, more than 10 days ago; by hand: "
                       "prices strike AAA --date D"),
            1);
  EXPECT_EQ(lines_with("days passed over"), 3) << "two indices, an asset";
  run_job();
  EXPECT_EQ(lines_with("days passed over"), 3);
  const auto by_hand = price_asset(ports(), kAsset, kDay + 1, "ann");
  ASSERT_TRUE(by_hand.has_value()) << by_hand.error().message();
  EXPECT_EQ(count("rate WHERE date = '2026-03-06'"), 2);
  run_job();
  EXPECT_EQ(count("rate"), 2 + 2 * 11 + 2);
}

TEST_F(PricesTest, KilledAfterAnyWriteTheJobStrikesOnceWhenItComesAgain) {
  trade_day(kDay, "100", "100.10");
  // Each write of a pass can be the last one: run passes that die after n of them.
  struct Killed {};
  class Mortal final : public JobStore {
   public:
    Mortal(JobStore& inner, int left) : inner_(inner), left_(left) {}
    std::optional<JobPlace> place(JobSubject subject, const std::string& id) override {
      return inner_.place(subject, id);
    }
    void set_place(JobSubject subject, const std::string& id, const JobPlace& place) override {
      if (left_-- == 0) throw Killed();
      inner_.set_place(subject, id, place);
    }

   private:
    JobStore& inner_;
    int left_;
  };
  for (int left = 0; left < 6; ++left) {
    Mortal mortal(prices_, left);
    try {
      run_strikes({ports(), mortal, feeds_}, "navkeeper", true, [](const JobLine&) {});
    } catch (const Killed&) {
      continue;
    }
  }
  run_job(true);
  EXPECT_EQ(count("rate"), 2);
  EXPECT_EQ(count("price"), 2);
  EXPECT_EQ(count("outbox WHERE kind = 'rate_published'"), 2);
  EXPECT_EQ(count("outbox WHERE kind = 'price_published'"), 2);
}

TEST_F(PricesTest, TwoJobsAtOnceStrikeOnceAndOneThatLostItsLeaseWritesNothing) {
  trade_day(kDay, "100", "100.10");
  std::thread other([&] {
    SqlRateStore rates(service_pool("pricing"));
    SqlPriceStore prices(service_pool("pricing"));
    FeedWait feeds;
    run_strikes({{rates, prices, clock_}, prices, feeds}, "other", true, [](const JobLine&) {});
  });
  run_job(true);
  other.join();
  EXPECT_EQ(count("rate"), 2);
  EXPECT_EQ(count("price"), 2);
  EXPECT_EQ(count("outbox WHERE kind LIKE '%_published'"), 4);

  auto& pool = service_pool("pricing");
  const auto acquire = [&](const char* who) {
    return pool.transact([&](db::Transaction& transaction) {
      return db::acquire_lease(transaction, "shared", "strike_job", who, std::chrono::milliseconds(1));
    });
  };
  const auto frozen = acquire("frozen");
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  ASSERT_TRUE(acquire("awake").has_value());
  clock_.set(kClose + Duration::hours(24) + Duration::minutes(5));
  SqlRateStore fenced_rates = rates_.under(*frozen);
  SqlPriceStore fenced_prices = prices_.under(*frozen);
  lines_.clear();
  run_strikes({{fenced_rates, fenced_prices, clock_}, fenced_prices, feeds_}, "frozen", false,
              [&](const JobLine& line) { lines_.push_back(line.detail); });
  EXPECT_GT(lines_with("no longer held"), 0);
  EXPECT_EQ(count("rate"), 2);
  EXPECT_EQ(count("price"), 2);
}

TEST_F(PricesOfFeedsTest, AStrikeWaitsUntilTheFeedsHaveBroughtTheWholeWindow) {
  const auto coinbase = begin_feed("coinbase", kClose - Duration::hours(30));
  whole(coinbase, kClose - Duration::hours(30), kClose - Duration::minutes(40));
  run_job();
  EXPECT_EQ(count("rate"), 0) << "struck by the clock alone";
  EXPECT_EQ(count("price"), 0);
  EXPECT_EQ(lines_with("waits for feeds NK_AAA 2026-03-05"), 1);
  EXPECT_EQ(lines_with("coinbase: stored until 2026-03-05T16:20:00Z"), 2) << "both indices, no other venue";
  clock_.advance(Duration::minutes(1));
  const auto next = begin_feed("coinbase", clock_.now());
  run_job();
  EXPECT_EQ(count("rate"), 0);
  EXPECT_EQ(lines_with("waits for feeds"), 2) << "said once";
  whole(next, kClose - Duration::minutes(40), kClose, true);
  run_job();
  EXPECT_EQ(count("rate"), 2);
  EXPECT_EQ(count("price"), 2);
  EXPECT_EQ(lines_with("without whole feeds"), 0);
  EXPECT_NE(feeds_check().find("\"passed\""), std::string::npos) << feeds_check();
}

TEST_F(PricesOfFeedsTest, AfterTheWaitItStrikesSaysWhatIsMissingAndTheCheckFailsUntilTheTapeIsWhole) {
  const auto kraken = begin_feed("kraken", kClose - Duration::hours(30));
  whole(kraken, kClose - Duration::hours(30), kClose - Duration::minutes(40));
  run_job();
  clock_.advance(Duration::seconds(299));
  run_job();
  EXPECT_EQ(count("rate"), 0);
  clock_.advance(Duration::seconds(1));
  run_job();
  EXPECT_EQ(count("rate"), 2);
  EXPECT_EQ(count("price"), 2);
  EXPECT_EQ(lines_with("struck without whole feeds NK_AAA 2026-03-05 kraken: stored until"), 1);
  EXPECT_NE(rate().rejected.find(
                R"("feeds_unwhole":[{"venue":"kraken","why":"stored until 2026-03-05T16:20:00Z"}])"),
            std::string::npos)
      << rate().rejected;
  EXPECT_NE(feeds_check().find("\"failed\""), std::string::npos) << feeds_check();

  whole(kraken, kClose - Duration::minutes(40), kClose + Duration::seconds(1), true);
  clock_.advance(Duration::minutes(1));
  run_job(true);
  EXPECT_EQ(rate().version, 1) << "by the rule a rate that did not move stands";
  const auto by_hand = strike_rate(rates_, clock_, "NK_AAA", kDay, "ann");
  EXPECT_TRUE(by_hand->is_new);
  EXPECT_EQ(by_hand->rate.cause, "corrected");
  EXPECT_FALSE(strike_rate(rates_, clock_, "NK_AAA", kDay, "ann")->is_new);
  EXPECT_NE(feeds_check().find("\"passed\""), std::string::npos) << feeds_check();
}

TEST_F(PricesOfFeedsTest, AJobThatWakesLongAfterTheWindowWaitsAllTheSame) {
  begin_feed("coinbase", kClose - Duration::hours(72));
  feeds_.configured = {{"coinbase", "AAA/USD"}};
  clock_.set(kClose + Duration::hours(3));
  run_job();
  EXPECT_EQ(count("rate"), 0);
  EXPECT_EQ(lines_with("coinbase: it has never delivered"), 2);
  feeds_ = {};  // No longer configured, and silent for days before the window: its trades come by file.
  run_job();
  EXPECT_EQ(count("rate"), 2);
  EXPECT_NE(feeds_check().find("no feed then"), std::string::npos) << feeds_check();
}

TEST_F(PricesOfFeedsTest, GapsCountWheneverTheyWereFoundUntilTheyAreFilled) {
  const auto coinbase = begin_feed("coinbase", kClose - Duration::hours(30));
  whole(coinbase, kClose - Duration::hours(30), kClose + Duration::seconds(5));
  const Instant before = kClose - Duration::minutes(65);
  note(coinbase, "gap_found", before, before - Duration::minutes(1), before);
  note(coinbase, "gap_abandoned", kClose - Duration::minutes(30), before - Duration::minutes(1),
       kClose - Duration::minutes(30));
  run_job();
  EXPECT_EQ(count("rate"), 0);
  EXPECT_EQ(lines_with("given up for now between 2026-03-05T15:54:00Z and 2026-03-05T16:30:00Z"), 2);
  feeds_.most = Duration();
  run_job();
  EXPECT_NE(rate().rejected.find(R"("gaps_found":1,"gaps_closed":0,"gaps_abandoned":1)"), std::string::npos)
      << rate().rejected;
  EXPECT_NE(feeds_check().find("\"failed\""), std::string::npos);
  // Filled in two parts.
  clock_.advance(Duration::minutes(1));
  note(coinbase, "gap_closed", clock_.now(), before - Duration::minutes(2), kClose - Duration::minutes(50));
  EXPECT_FALSE(strike_rate(rates_, clock_, "NK_AAA", kDay, "ann")->is_new);
  note(coinbase, "gap_closed", clock_.now(), kClose - Duration::minutes(50), kClose - Duration::minutes(30));
  EXPECT_TRUE(strike_rate(rates_, clock_, "NK_AAA", kDay, "ann")->is_new);
  EXPECT_NE(feeds_check().find("\"passed\""), std::string::npos) << feeds_check();
}

TEST_F(PricesOfFeedsTest, AFeedThatBeganAnewIsNotWholeBefore) {
  const auto first = begin_feed("kraken", kClose - Duration::hours(30));
  whole(first, kClose - Duration::hours(30), kClose - Duration::hours(2));
  const auto anew = begin_feed("kraken", kClose - Duration::minutes(30));
  whole(anew, kClose - Duration::minutes(30), kClose + Duration::seconds(1));
  run_job();
  EXPECT_EQ(count("rate"), 2) << "waiting makes it no better";
  EXPECT_EQ(lines_with("struck without whole feeds NK_AAA 2026-03-05 kraken: begun at 2026-03-05T16:30:00Z"),
            1);
  EXPECT_NE(feeds_check().find("\"failed\""), std::string::npos);
  begin_feed("gemini", kClose - Duration::hours(3));
  EXPECT_EQ(lines_with("gemini"), 0) << "it is not of the index";
}

TEST_F(PricesOfFeedsTest, ASpanThatBeginsLaterLeavesAnEarlierWindowWhole) {
  const auto first = begin_feed("kraken", kClose - Duration::hours(30));
  whole(first, kClose - Duration::hours(30), kClose + Duration::minutes(1));
  run_job();
  EXPECT_EQ(count("rate"), 2);
  clock_.set(kClose + Duration::hours(30));
  const auto anew = begin_feed("kraken", clock_.now() - Duration::hours(1));
  whole(anew, clock_.now() - Duration::hours(1), clock_.now());
  const auto again = strike_rate(rates_, clock_, "NK_AAA", kDay, "ann");
  ASSERT_TRUE(again.has_value()) << again.error().message();
  EXPECT_FALSE(again->is_new) << again->rate.rejected;
  EXPECT_NE(feeds_check().find("\"passed\""), std::string::npos) << feeds_check();
  EXPECT_EQ(count("feed_whole_past"), 1);
}

TEST_F(PricesOfFeedsTest, AWindowBetweenTwoSpansIsNotWhole) {
  const auto first = begin_feed("kraken", kClose - Duration::hours(30));
  whole(first, kClose - Duration::hours(30), kClose - Duration::minutes(30));
  clock_.set(kClose + Duration::hours(2));
  const auto anew = begin_feed("kraken", kClose + Duration::hours(1));
  whole(anew, kClose + Duration::hours(1), kClose + Duration::hours(2));
  strike_rate(rates_, clock_, "NK_AAA", kDay, "ann");
  EXPECT_NE(feeds_check().find("\"failed\""), std::string::npos) << feeds_check();
}

TEST_F(PricesOfFeedsTest, ThatFeedsAreNotWholeIsSaidOnceHoweverOftenTheStrikeFails) {
  const auto kraken = begin_feed("kraken", kClose - Duration::minutes(30));
  whole(kraken, kClose - Duration::minutes(30), kClose + Duration::seconds(1));
  auto& pool = service_pool("pricing");
  const auto acquire = [&](const char* who) {
    return pool.transact([&](db::Transaction& transaction) {
      return db::acquire_lease(transaction, "shared", "strike_job", who, std::chrono::milliseconds(1));
    });
  };
  const auto lost = acquire("lost");
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  ASSERT_TRUE(acquire("another").has_value());
  SqlRateStore fenced = rates_.under(*lost);
  for (int pass = 0; pass < 3; ++pass) {
    run_strikes({{fenced, prices_, clock_}, prices_, feeds_}, "navkeeper", false, [&](const JobLine& line) {
      lines_.push_back(line.what + " " + line.subject + " " + line.detail);
    });
  }
  EXPECT_EQ(count("rate"), 0);
  EXPECT_EQ(lines_with("failed NK_AAA"), 2 * 3) << "both indices, each pass";
  EXPECT_EQ(lines_with("struck without whole feeds"), 2);
}

TEST_F(PricesTest, ATokenIsWorthItsMarketWhereThatIsActiveElseItsRateTimesTheCoinLessTheWait) {
  apply(kTokenPolicy);
  trade_day(kDay, "100", "100");
  const PriceKey key{kToken, kDay, kFund};
  EXPECT_EQ(price_of(key).official(), std::nullopt) << "no exchange rate is known";
  clock_.advance(Duration::minutes(1));
  const auto add = [&](const std::string& rate, Instant as_of, const char* who = "ann") {
    return add_exchange_rate(ports(), kToken, {money::Decimal::literal(rate), as_of, "issuer"}, actor(who));
  };
  EXPECT_TRUE(add("1.02", kClose - Duration::hours(1)));
  EXPECT_FALSE(add("1.02", kClose - Duration::hours(1)));
  EXPECT_NE(refusal([&] { add("1.02", clock_.now() + Duration::hours(1)); }).find("future"),
            std::string::npos);
  EXPECT_NE(refusal([&] { add("0", kClose); }).find("not positive"), std::string::npos);
  EXPECT_EQ(price_of(key).official(), std::nullopt) << "one person's word is no rate";
  const auto approve = [&](const std::string& rate, const char* who, const char* source = "issuer") {
    return approve_exchange_rate(
        ports(), kToken, {money::Decimal::literal(rate), kClose - Duration::hours(1), source}, actor(who));
  };
  EXPECT_NE(refusal([&] { approve("1.02", "ann"); }).find("may not approve"), std::string::npos);
  EXPECT_NE(refusal([&] { approve("1.03", "bob"); }).find("no rate 1.03"), std::string::npos);
  EXPECT_TRUE(add("102", kClose - Duration::hours(1)))
      << "a slip blocks nobody: it waits, and the right one is entered";
  EXPECT_TRUE(approve("1.02", "bob"));
  EXPECT_THROW(add("1.03", kClose - Duration::hours(1)), base::Conflict);
  EXPECT_THROW(approve("102", "bob"), base::Conflict);
  EXPECT_EQ(count("exchange_rate"), 2) << "a contradiction is not stored beside one that counts";
  EXPECT_FALSE(approve("1.02", "bob"));
  EXPECT_THROW(approve("1.02", "cal"), base::Conflict);
  EXPECT_TRUE(add_exchange_rate(ports(), kToken,
                                {money::Decimal::literal("2.04"), kClose - Duration::hours(1), "other"},
                                actor("ann")));
  EXPECT_THROW(approve("2.04", "bob", "other"), base::Conflict)
      << "two rates of one instant cannot both count";
  ASSERT_EQ(prices_.exchange_rates(kToken, 10).size(), 3U);
  clock_.advance(Duration::minutes(1));
  const StoredPrice by_rate = price_of(key);
  EXPECT_EQ(by_rate.rung, "exchange_rate");
  EXPECT_EQ(by_rate.official(), money::Decimal::literal("101.898"));  // 1.02 x 100 x (1 - 0.0365 x 10 / 365)
  EXPECT_EQ(by_rate.document.find("thin_partitions"), std::string::npos);
  clock_.advance(Duration::minutes(1));
  trade("2026-03-05T16:20:00Z", "crypto_com", "101.50", "5", "LSAAA/USD");
  trade("2026-03-05T16:40:00Z", "crypto_com", "101.60", "5", "LSAAA/USD");
  const StoredPrice by_market = price_of(key);
  EXPECT_EQ(by_market.rung, "principal_market");
  EXPECT_EQ(by_market.official(), money::Decimal::literal("101.6"));
  clock_.advance(Duration::minutes(1));
  trade("2026-03-05T16:41:00Z", "crypto_com", "100.90", "5", "LSAAA/USD");  // 1.08% below 102
  const StoredPrice off_peg = price_of(key);
  ASSERT_TRUE(off_peg.determination.has_value());
  EXPECT_EQ(off_peg.determination->trigger, DeterminationTrigger::kPegDeviation);
  EXPECT_EQ(off_peg.official(), std::nullopt);
  // A rate that no market contradicts is judged by the one before it.
  clock_.set(kClose + Duration::hours(23));
  const Instant later = kClose + Duration::hours(22);
  EXPECT_TRUE(add("1.08", later));
  EXPECT_TRUE(approve_exchange_rate(ports(), kToken, {money::Decimal::literal("1.08"), later, "issuer"},
                                    actor("bob")));
  clock_.set(kClose + Duration::hours(24) + Duration::minutes(2));
  trade_day(kDay + 1, "100", "100");
  const StoredPrice jumped = price_of({kToken, kDay + 1, kFund});
  ASSERT_TRUE(jumped.determination.has_value());
  EXPECT_EQ(jumped.determination->trigger, DeterminationTrigger::kRateJump);
  // Another answer near the jump makes it no smaller: the last official price's rate is the measure.
  EXPECT_TRUE(add("1.079", later + Duration::minutes(1)));
  EXPECT_TRUE(approve_exchange_rate(
      ports(), kToken, {money::Decimal::literal("1.079"), later + Duration::minutes(1), "issuer"},
      actor("bob")));
  clock_.advance(Duration::minutes(1));
  const StoredPrice again = price_of({kToken, kDay + 1, kFund});
  ASSERT_TRUE(again.determination.has_value());
  EXPECT_EQ(again.determination->trigger, DeterminationTrigger::kRateJump);
  EXPECT_EQ(jumped.official(), std::nullopt);
  // Two days later the rate is too old: nothing but yesterday is left, and that waits.
  clock_.set(kClose + Duration::hours(48) + Duration::minutes(5));
  trade_day(kDay + 2, "100", "100");
  const StoredPrice stale = price_of({kToken, kDay + 2, kFund});
  EXPECT_EQ(stale.official(), std::nullopt);
  EXPECT_NE(stale.document.find("the exchange rate is too old"), std::string::npos) << stale.document;
}

TEST_F(PricesTest, WhatAPersonWritesIsReadableTextOrRefusedByField) {
  trade_day(kDay, "100", "102");  // The bases are too far apart.
  ASSERT_TRUE(price_of(kFundKey).determination.has_value());
  const auto method = [&](const std::string& text) {
    return refusal([&] {
      determine_price(ports(), kFundKey, money::Decimal::literal("100"), text, {}, false, actor("ann"));
    });
  };
  EXPECT_EQ(method("a\xff"
                   "b"),
            "method: is not UTF-8");
  EXPECT_EQ(method("a\xc3"), "method: is not UTF-8");
  for (const char* text : {"a\nb", "a\x7f", "a\xC2\x85",
                           "a\xE2\x80\xAE"
                           "b",
                           "a\xE2\x81\xA7", "a\xE2\x80\xA8"})
    EXPECT_EQ(method(text), "method: holds a control character");
  EXPECT_EQ(count("determination_step"), 0);
  EXPECT_EQ(method("Gutachten der Börse \xE2\x80\x93 \xC2\xA0 \xE2\x82\xAC"), "nothing was refused");
}

TEST_F(PricesTest, RoutesDecideOnceAKeyAndRefuseWhoMayNot) {
  trade("2026-03-05T12:00:00Z", "coinbase", "100");
  http::Router router;
  Dependencies dependencies;
  dependencies.pool = &service_pool("pricing");
  dependencies.clock = &clock_;
  std::string who = "ann";
  register_price_routes(router, dependencies, [&](const http::Request&) { return actor(who.c_str()); });
  const auto send = [&](http::Method method, const std::string& path, const std::string& body = "",
                        const std::string& key = "", http::Parameters query = {}) {
    http::Request request;
    request.method = method;
    request.path = path;
    request.query = std::move(query);
    request.body = body;
    request.headers.set("content-type", "application/json");
    if (!key.empty()) request.headers.set("Idempotency-Key", key);
    request.trace = log::Trace::start();
    return router.handle(request);
  };
  const std::string day = "/v1/prices/AAA/2026-03-05";
  const http::Parameters track{{"act", "ICA_1940"}, {"basis", "fair_value"}};
  EXPECT_EQ(send(http::Method::kGet, day, "", "", track).status, 404);
  EXPECT_EQ(send(http::Method::kPost, day + "/strike").status, 201);
  EXPECT_EQ(send(http::Method::kPost, day + "/strike").status, 200);
  EXPECT_EQ(send(http::Method::kGet, day, "", "", track).status, 200);
  EXPECT_EQ(send(http::Method::kGet, day).status, 400);
  EXPECT_NE(send(http::Method::kGet, day, "", "", {{"act", "ICA_1940"}, {"basis", "index"}})
                .body.find("has no ladder for ICA_1940 index"),
            std::string::npos);
  EXPECT_EQ(send(http::Method::kGet, "/v1/principal-markets/AAA").status, 200);
  EXPECT_EQ(send(http::Method::kGet, "/v1/principal-markets/ZZZ").status, 404);
  const std::string manual = R"({"price":"99","source":"screen"})";
  EXPECT_EQ(send(http::Method::kPost, day + "/manual", manual).status, 400) << "without a key";
  EXPECT_EQ(send(http::Method::kPost, day + "/manual", manual, "k1").status, 201);
  EXPECT_EQ(send(http::Method::kPost, day + "/manual", manual, "k1").status, 201);
  EXPECT_EQ(count("manual_price"), 1);
  EXPECT_EQ(send(http::Method::kPost, day + "/manual", R"({"price":"98","source":"screen"})", "k1").status,
            422);
  EXPECT_EQ(send(http::Method::kPost, day + "/manual", R"({"price":99,"source":"screen"})", "k2").status,
            400);
  EXPECT_EQ(send(http::Method::kPost, day + "/manual/1/approve", "", "k3").status, 400);
  who = "bob";
  EXPECT_EQ(send(http::Method::kPost, day + "/manual/1/approve", "", "k3").status, 201);
  EXPECT_EQ(prices_.price(kTrustKey, Instant::latest())->rung, "manual");
  // A day without anything.
  clock_.set(kClose + Duration::hours(24) + Duration::minutes(5));
  const std::string next = "/v1/prices/AAA/2026-03-06";
  EXPECT_EQ(send(http::Method::kPost, next + "/strike").status, 201);
  const std::string determined =
      R"({"act":"ICA_1940","basis":"fair_value","price":"97","method":"quotes","inputs":[{"name":"q","value":"97","source":"b"}]})";
  EXPECT_EQ(send(http::Method::kPost, next + "/determine", determined, "k4").status, 201);
  EXPECT_EQ(send(http::Method::kPost, next + "/determine", determined, "k4").status, 201);
  EXPECT_EQ(count("determination_step"), 1);
  const std::string approval = R"({"act":"ICA_1940","basis":"fair_value","number":1,"price":"97"})";
  EXPECT_EQ(send(http::Method::kPost, next + "/approve-determination", approval, "k5").status, 400);
  who = "cal";
  EXPECT_EQ(send(http::Method::kPost, next + "/approve-determination", approval, "k5").status, 201);
  EXPECT_EQ(send(http::Method::kPost, next + "/approve-determination", approval, "k5").status, 201);
  EXPECT_EQ(count("determination_step"), 2);
  EXPECT_NE(send(http::Method::kGet, next, "", "", track).body.find("\"official\":\"97\""),
            std::string::npos);
  EXPECT_NE(send(http::Method::kGet, "/v1/determinations").body.find("\"approved_by\":\"cal\""),
            std::string::npos);
  // What staking shows its roll-forwards at is read from the list of the days.
  const auto days = staking::read_day_prices(send(http::Method::kGet, "/v1/prices/AAA").body, kAsset,
                                             {model::FundId::literal("X"), "ICA_1940", "fair_value"});
  ASSERT_EQ(days.size(), 2U);
  EXPECT_EQ(days[1].official, money::Decimal::literal("97"));
  const auto row = staking::price_of_row(kClose + Duration::hours(1), days);
  ASSERT_TRUE(row.price.has_value()) << row.missing;
  EXPECT_EQ(row.price->date, kDay + 1);
  EXPECT_FALSE(row.price->hash.empty());
}

}  // namespace
}  // namespace navkeeper::pricing
