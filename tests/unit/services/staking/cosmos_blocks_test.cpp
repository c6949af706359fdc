// Recorded blocks of Crypto.org's test networks (../shared/data/staking/cosmos), and the same in the newer
// spellings.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "common/base/base64.h"
#include "common/base/refuse.h"
#include "services/staking/adapters/cosmos/block_facts.h"
#include "services/staking/adapters/cosmos/cosmos_wire.h"
#include "services/staking/adapters/cosmos/store_wire.h"
#include "services/staking/adapters/cosmos/wire_fields.h"
#include "services/staking/domain/liquid_token.h"
#include "services/staking/domain/sdk_decimal.h"
#include "services/staking/domain/tiered_position.h"
#include "tests/support/process.h"
#include "tests/support/vectors.h"

namespace navkeeper::staking {
namespace {

using money::Decimal;

Decimal d(std::string_view text) { return Decimal::literal(text); }

std::string shared_text(const std::string& name) {
  std::ifstream in(tests::shared_data() / "staking/cosmos" / name);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

constexpr const char* kBlocks = "crypto_org_block_results/";

#define RECORDED(block, name)                                                                      \
  const std::string text_of_##block = shared_text(std::string(kBlocks) + (name));                  \
  if (text_of_##block.empty()) GTEST_SKIP() << "no shared data: " << (name) << " was not checked"; \
  const BlockResults block = parse_block_results("node", text_of_##block)

FactsQuestion asks(const std::string& delegator) { return {delegator, "basetcro", "tcro", {}}; }

Decimal claimed(const BlockFacts& facts, const std::string& validator) {
  Decimal sum;
  for (const CosmosFact& fact : facts.facts) {
    if (fact.act == CosmosAct::kClaim && fact.validator == validator) sum += fact.amount;
  }
  return sum;
}

const CosmosFact& only(const BlockFacts& facts, CosmosAct act) {
  const CosmosFact* found = nullptr;
  for (const CosmosFact& fact : facts.facts) {
    if (fact.act != act) continue;
    if (found != nullptr) throw std::logic_error("more than one");
    found = &fact;
  }
  if (found == nullptr) throw std::logic_error("none");
  return *found;
}

TEST(RecordedBlocks, AnUndelegationClaimsByItself) {
  RECORDED(block, "tx_msg_undelegate_block_results_resp.json");
  EXPECT_EQ(block.height, 374371U);
  const auto facts = facts_of(block, asks("tcro1gs80n8fpc5mc3ywkgfy93l23tg0gdqj5w2ll64"));
  const std::string validator = "tcrocncl1j7pej8kplem4wt50p4hfvndhuw5jprxxxtenvr";
  EXPECT_EQ(only(facts, CosmosAct::kUndelegate).validator, validator);
  EXPECT_EQ(only(facts, CosmosAct::kUndelegate).amount, d("1000000000"));
  EXPECT_EQ(only(facts, CosmosAct::kFee).amount, d("80000"));
  EXPECT_EQ(claimed(facts, validator), d("76688"));
}

TEST(RecordedBlocks, ARedelegationClaimsAtBothEnds) {
  RECORDED(block, "tx_msg_begin_redelegate_block_results_resp.json");
  const auto facts = facts_of(block, asks("tcro1gs80n8fpc5mc3ywkgfy93l23tg0gdqj5w2ll64"));
  const CosmosFact& moved = only(facts, CosmosAct::kRedelegate);
  EXPECT_EQ(moved.validator, "tcrocncl1j7pej8kplem4wt50p4hfvndhuw5jprxxxtenvr");
  EXPECT_EQ(moved.destination, "tcrocncl1xwd3k8xterdeft3nxqg92szhpz6vx43qspdpw6");
  EXPECT_EQ(moved.amount, d("10000000000"));
  EXPECT_EQ(claimed(facts, moved.validator), d("157878"));
  EXPECT_EQ(claimed(facts, moved.destination), d("123456"));
  ASSERT_EQ(facts.doubts.size(), 1U) << "its events repeat the first transfer where its log has the second";
}

TEST(RecordedBlocks, ADelegationClaimsWhatLayThere) {
  RECORDED(block, "tx_msg_delegate_block_results_resp.json");
  const auto facts = facts_of(block, asks("tcro1fs8r6zxmr5nc86j8cpcmjmccf8s2cafxh5hy8r"));
  const CosmosFact& delegated = only(facts, CosmosAct::kDelegate);
  EXPECT_EQ(delegated.amount, d("27464382775"));
  EXPECT_EQ(claimed(facts, delegated.validator), d("4082858866"));
  EXPECT_TRUE(facts_of(block, asks("tcro1fmprm0sjy6lz9llv7rltn0v2azzwcwzvk2lsyn")).facts.empty())
      << "somebody else's block";
}

TEST(RecordedBlocks, ClaimsWithAndWithoutAnything) {
  RECORDED(empty, "tx_msg_withdraw_delegator_reward_no_reward_block_results_resp.json");
  const auto none = facts_of(empty, asks("tcro1fmprm0sjy6lz9llv7rltn0v2azzwcwzvk2lsyn"));
  EXPECT_EQ(only(none, CosmosAct::kClaim).amount, d("0"));
  RECORDED(both, "tx_msgs_withdraw_delegator_reward_withdraw_validator_commission_block_results_resp.json");
  const auto facts = facts_of(both, asks("tcro15grftg88l0gdw4mg9t9pwnl0pde2asjzvfpkp4"));
  EXPECT_EQ(only(facts, CosmosAct::kClaim).amount, d("33934701990"));
  const CosmosFact& commission = only(facts, CosmosAct::kTransferIn);
  EXPECT_EQ(commission.amount, d("4161370358"));
  EXPECT_EQ(commission.counterparty, "distribution: commission");
}

TEST(RecordedBlocks, AnUnbondingMatures) {
  RECORDED(block, "end_block_complete_unbonding_block_results_resp.json");
  const auto facts = facts_of(block, asks("tcro1fmprm0sjy6lz9llv7rltn0v2azzwcwzvk2lsyn"));
  EXPECT_EQ(only(facts, CosmosAct::kUnbonded).amount, d("5"));
  EXPECT_EQ(only(facts, CosmosAct::kUnbonded).validator, "tcrocncl1sruzd529lhjju6hfcwd2fxp3v0e7p0vqqtme76");
}

TEST(RecordedBlocks, SlashesNameTheirReason) {
  RECORDED(twice, "begin_block_slash_double_sign_event_block_results_resp.json");
  FactsQuestion question{"cro1fl48vsnmsdzcv85q5d2q4z5ajdha8yu3dqpk9x",
                         "basetcro",
                         "cro",
                         {{"crocnclcons1fnht46350sxm2e6w8ma3as2l6wdl78rfym8gku", "ours"}}};
  const auto facts = facts_of(twice, question);
  EXPECT_EQ(only(facts, CosmosAct::kSlash).reason, "double_sign");
  EXPECT_EQ(facts.jailed, std::vector<std::string>{"ours"}) << "in an event of its own";
  RECORDED(down, "begin_block_slash_missing_signatures_event_block_results_resp.json");
  question.consensus_addresses = {{"crocnclcons18vyrj3se6cvdryk3vp09x88n46894ukjywnfmy", "one"},
                                  {"crocnclcons10wy4k3dkjd3htgleaxlzmakh0k4h8ql23cpusx", "two"}};
  const auto both = facts_of(down, question);
  EXPECT_EQ(both.facts.size(), 3U) << "two slashes, and what was burned left the pool";
  EXPECT_EQ(both.jailed.size(), 2U);
  EXPECT_EQ(both.facts[0].reason, "missing_signature");
}

TEST(RecordedBlocks, CommissionsAndMintOfEveryBlock) {
  const char* names[] = {"end_block_complete_unbonding_block_results_resp.json",
                         "tx_msg_begin_redelegate_block_results_resp.json",
                         "tx_msg_delegate_block_results_resp.json",
                         "tx_msg_undelegate_block_results_resp.json"};
  std::size_t pairs = 0;
  for (const char* name : names) {
    RECORDED(block, name);
    for (const ChainEvent& event : block.begin) {
      if (event.type != "mint") continue;
      const Decimal yearly = d(event["annual_provisions"]);
      EXPECT_EQ(sdk::truncate_int(sdk::quo_truncate(yearly, d("6311520"))), d(event["amount"])) << name;
    }
    // In each pair the commission comes first, then the rewards that it was taken from.
    Decimal commission;
    for (const ChainEvent& event : block.begin) {
      if (event.type == "commission") commission = coins_of(name, event["amount"], "basetcro");
      if (event.type != "rewards") continue;
      const Decimal rewards = coins_of(name, event["amount"], "basetcro");
      for (const char* rate : {"0", "0.05", "0.1", "0.2", "0.5", "1"}) {
        if (sdk::mul(rewards, d(rate)) == commission) {
          ++pairs;
          break;
        }
      }
    }
    EXPECT_FALSE(allocations_of(block, "basetcro").empty());
  }
  RecordProperty("pairs", static_cast<int>(pairs));
  EXPECT_GT(pairs, 20U);
}

TEST(BlockResultsWire, NewerSpellingsSayTheSame) {
  const std::string plain = R"({"jsonrpc":"2.0","id":-1,"result":{"height":"9","txs_results":[
    {"code":0,"log":"","events":[
      {"type":"transfer","attributes":[{"key":"recipient","value":"FEES"},{"key":"sender","value":"cro1d"},{"key":"amount","value":"7basecro"}]},
      {"type":"message","attributes":[{"key":"action","value":"/cosmos.staking.v1beta1.MsgUndelegate"},{"key":"sender","value":"cro1d"},{"key":"msg_index","value":"0"}]},
      {"type":"transfer","attributes":[{"key":"recipient","value":"cro1d"},{"key":"sender","value":"DIST"},{"key":"amount","value":"40basecro"},{"key":"msg_index","value":"0"}]},
      {"type":"withdraw_rewards","attributes":[{"key":"amount","value":"40basecro"},{"key":"validator","value":"v"},{"key":"delegator","value":"cro1d"},{"key":"msg_index","value":"0"}]},
      {"type":"unbond","attributes":[{"key":"validator","value":"v"},{"key":"delegator","value":"cro1d"},{"key":"amount","value":"100basecro"},{"key":"msg_index","value":"0"}]},
      {"type":"message","attributes":[{"key":"action","value":"/cosmos.bank.v1beta1.MsgSend"},{"key":"sender","value":"cro1d"},{"key":"msg_index","value":"1"}]},
      {"type":"transfer","attributes":[{"key":"recipient","value":"cro1e"},{"key":"sender","value":"cro1d"},{"key":"amount","value":"3basecro,9ibc/27AB"},{"key":"msg_index","value":"1"}]}]},
    {"code":5,"log":"out of gas","events":[
      {"type":"transfer","attributes":[{"key":"recipient","value":"FEES"},{"key":"sender","value":"cro1d"},{"key":"amount","value":"2basecro"}]},
      {"type":"message","attributes":[{"key":"action","value":"x"},{"key":"sender","value":"cro1d"}]},
      {"type":"delegate","attributes":[{"key":"validator","value":"v"},{"key":"amount","value":"5basecro"}]}]}],
    "finalize_block_events":[
      {"type":"rewards","attributes":[{"key":"amount","value":"10.5basecro"},{"key":"validator","value":"v"},{"key":"mode","value":"BeginBlock"}]},
      {"type":"commission","attributes":[{"key":"amount","value":"1.05basecro"},{"key":"validator","value":"v"},{"key":"mode","value":"BeginBlock"}]},
      {"type":"complete_unbonding","attributes":[{"key":"amount","value":"6basecro"},{"key":"validator","value":"v"},{"key":"delegator","value":"cro1d"},{"key":"mode","value":"EndBlock"}]}]}})";
  std::string text = plain;
  const auto put = [&](const std::string& mark, const std::string& value) {
    for (std::size_t at = 0; (at = text.find(mark, at)) != std::string::npos;)
      text.replace(at, mark.size(), value);
  };
  put("FEES", module_address("cro", "fee_collector"));
  put("DIST", module_address("cro", "distribution"));
  const auto facts = facts_of(parse_block_results("node", text), {"cro1d", "basecro", "cro", {}});
  EXPECT_EQ(facts.allocated.at("v"), d("9.45"));
  ASSERT_EQ(facts.facts.size(), 6U);
  EXPECT_EQ(facts.facts[0].act, CosmosAct::kFee);
  EXPECT_EQ(facts.facts[1].act, CosmosAct::kClaim);
  EXPECT_EQ(facts.facts[1].amount, d("40"));
  EXPECT_EQ(facts.facts[1].counterparty, "cro1d");
  EXPECT_EQ(facts.facts[2].act, CosmosAct::kUndelegate);
  EXPECT_EQ(facts.facts[3].act, CosmosAct::kTransferOut);
  EXPECT_EQ(facts.facts[3].amount, d("3"));
  EXPECT_EQ(facts.facts[4].amount, d("2")) << "a failed transaction costs its fee alone";
  EXPECT_EQ(facts.facts[5].act, CosmosAct::kUnbonded);
}

TEST(BlockResultsWire, RefusesWhatIsNone) {
  const auto refused = [](const std::string& body) {
    try {
      parse_block_results("node", body);
    } catch (const base::Refused& thrown) {
      return std::string(thrown.what());
    }
    return std::string("read");
  };
  EXPECT_NE(refused("[]").find("not an object"), std::string::npos);
  EXPECT_NE(refused(R"({"error":{"code":-32603}})").find("no results of the block"), std::string::npos);
  EXPECT_NE(refused(R"({"result":{"height":9}})").find("result.height"), std::string::npos);
  EXPECT_NE(refused(R"({"result":{"height":"9","begin_block_events":[{"attributes":[]}]}})").find("type"),
            std::string::npos);
  EXPECT_THROW(coins_of("amount", "12", "basecro"), base::Refused);
  EXPECT_THROW(coins_of("amount", "1.2.3basecro", "basecro"), base::Refused);
  EXPECT_EQ(coins_of("amount", "5a,7basecro,1basecro", "basecro"), d("8"));
}

TEST(StoreWire, ReadsWhatTheModuleKeeps) {
  base::Bytes coin{0x0a, 7, 'b', 'a', 's', 'e', 'c', 'r', 'o', 0x12, 19};
  for (const char c : std::string("1500000000000000000")) coin.push_back(static_cast<std::uint8_t>(c));
  base::Bytes current{0x0a, static_cast<std::uint8_t>(coin.size())};
  current.insert(current.end(), coin.begin(), coin.end());
  current.insert(current.end(), {0x10, 0xac, 0x02});
  EXPECT_EQ(parse_current_rewards("v", current, "basecro").rewards, d("1.5"));
  EXPECT_EQ(parse_current_rewards("v", current, "basecro").period, 300U);
  EXPECT_EQ(parse_current_rewards("v", current, "ibc/A").rewards, d("0"));
  const base::Bytes start{0x08, 0x07, 0x12, 2, '4', '2', 0x18, 0x05};
  EXPECT_EQ(parse_starting_info("v", start).stake, Decimal::of(42, 18));
  EXPECT_EQ(parse_starting_info("v", start).height, 5U);
  for (const base::Bytes& bad : {base::Bytes{0x12, 9, '4'}, base::Bytes{0x12, 1, 'x'}, base::Bytes{0x10},
                                 base::Bytes{0x12, 2, '-', '4'}, base::Bytes{0x00}, base::Bytes{0x11}})
    EXPECT_THROW(parse_starting_info("v", bad), base::Refused);
  const base::Bytes key = historical_rewards_key(base::Bytes{1, 2}, 0x0102);
  EXPECT_EQ(key, (base::Bytes{5, 2, 1, 2, 2, 1, 0, 0, 0, 0, 0, 0}));
  const std::string answer = R"({"result":{"response":{"code":0,"key":")" + base::to_base64(key) +
                             R"(","value":"CAE=","height":"12"}}})";
  EXPECT_TRUE(parse_store_answer("node", answer, key, 12));
  EXPECT_THROW(parse_store_answer("node", answer, key, 13), base::Refused);
  EXPECT_THROW(parse_store_answer("node", answer, base::Bytes{1}, 12), base::Refused);
}

TEST(TieredPositions, BonusAsTheModuleComputesIt) {
  const auto from = time::Instant::literal("2026-06-01T00:00:00Z");
  const auto after = [&](std::int64_t seconds) { return from + time::Duration::seconds(seconds); };
  const auto vectors = tests::shared_vectors("staking/cronos/v7_upgrade_params.json");
  SKIP_WITHOUT(vectors, "staking/cronos/v7_upgrade_params.json");
  for (const json::Value& each : tests::member(*vectors, "bonus_vectors").as_array()) {
    const Decimal tokens = d(tests::text(each, "shares")) * d(tests::text(each, "tokens_per_share"));
    const std::int64_t seconds = std::stoll(tests::member(each, "seconds").as_number());
    EXPECT_EQ(tier_bonus(tokens, d(tests::text(each, "apy")), from, after(seconds)),
              d(tests::member(each, "bonus").as_number()));
  }
  EXPECT_EQ(tier_bonus(d("2000"), d("0.04"), from, after(31'557'600), after(15'778'800)), d("40"))
      << "none after it unlocks";
  EXPECT_EQ(tier_bonus(d("2000"), d("0.04"), from, from), d("0"));
  EXPECT_EQ(payable_bonus(d("80"), d("200"), d("100")), d("40"));
  EXPECT_EQ(payable_bonus(d("80"), d("200"), d("200")), d("80"));
  EXPECT_EQ(payable_bonus(d("80"), d("0"), d("10")), d("10"));
  const RewardTier tier{1, time::Duration::hours(std::int64_t{24} * 365), d("0.02"), d("10000000000")};
  const TierPosition position{7, "cro1o", "cro1d", 1, "v", d("5"), d("0"), {}, {}};
  EXPECT_EQ(tier_free_at(position, tier, time::Duration::hours(std::int64_t{24} * 28), from),
            from + time::Duration::hours(std::int64_t{24} * 393));
  EXPECT_EQ(contradictions({position, position}, "cro1o").size(), 2U);
  EXPECT_EQ(contradictions({position}, "cro1d").size(), 2U)
      << "another owner, and at the owner's own address";
  EXPECT_FALSE(worth_difference(position, d("5")));
  EXPECT_TRUE(worth_difference(position, d("4")));
}

TEST(LiquidTokens, RatesOfStridesOwnTests) {
  const auto vectors = tests::shared_vectors("staking/stride/redemption_rate_vectors.json");
  SKIP_WITHOUT(vectors, "staking/stride/redemption_rate_vectors.json");
  for (const json::Value& each : tests::member(*vectors, "cases").as_array()) {
    const auto part = [&](const char* key) { return d(tests::member(each, key).as_number()); };
    const auto rate = redemption_rate({part("deposit"), part("undelegated"), part("lsm"), part("delegated")},
                                      part("supply"));
    ASSERT_TRUE(rate);
    if (tests::text(each, "rate") == "unchanged")
      EXPECT_FALSE(rate->has_value());
    else
      EXPECT_EQ(**rate, d(tests::text(each, "rate")));
  }
  EXPECT_TRUE(redemption_rate({d("-1"), {}, {}, {}}, d("1")).has_error());
  EXPECT_TRUE(check_rate(d("1.4"), {}));
  EXPECT_EQ(check_rate(d("1.6"), {}).error().rule, "1.6 is outside 0.9 to 1.5");
}

TEST(LiquidTokens, IncomeIsUnitsAndNotTheRate) {
  // 100 tokens become 101 by a rebase while 10 more are bought.
  const TokenYield rebasing =
      token_yield(TokenKind::kRebasing, {d("100"), d("1")}, {d("111"), d("1")}, {d("10"), {}, d("10"), {}});
  EXPECT_EQ(rebasing.income_coins, d("1"));
  EXPECT_EQ(rebasing.unrealised_coins, d("0"));
  // The same yield in a token whose rate rises: 100 at 1.1 become 110 at 1.111, 10 bought at 1.1.
  const TokenYield accruing = token_yield(TokenKind::kValueAccruing, {d("100"), d("1.1")},
                                          {d("110"), d("1.111")}, {d("10"), {}, d("11"), {}});
  EXPECT_EQ(accruing.income_coins, d("0"));
  EXPECT_EQ(accruing.economic_coins(), d("1.21"));
  EXPECT_EQ(accruing.unexplained_units, d("0"));
  const TokenYield odd =
      token_yield(TokenKind::kValueAccruing, {d("100"), d("1.1")}, {d("103"), d("1.1")}, {});
  EXPECT_EQ(odd.unexplained_units, d("3"));
  EXPECT_EQ(*peg_deviation_bp(d("1.097"), d("1.1")), d("-27.27"));
  EXPECT_TRUE(peg_deviation_bp(d("0"), d("1.1")).has_error());
}

TEST(LiquidTokens, ARedemptionHasItsTerms) {
  Redemption redemption{"r1",
                        d("10"),
                        time::Instant::literal("2026-01-01T00:00:00Z"),
                        d("1.2"),
                        true,
                        time::Instant::literal("2026-01-29T00:00:00Z"),
                        RedemptionStage::kRequested,
                        {}};
  EXPECT_EQ(redemption_worth(redemption, d("1.3"), 8), d("12"));
  EXPECT_EQ(redemption_worth(redemption, d("1.1"), 8), d("11")) << "slashable: never above today's rate";
  redemption.stage = RedemptionStage::kClaimable;
  EXPECT_EQ(redemption_worth(redemption, d("1.1"), 8), d("12"));
  redemption.fixed_rate.reset();
  EXPECT_EQ(redemption_worth(redemption, d("1.123456789"), 8), d("11.23456789"));
  EXPECT_EQ(terms_of(redemption), "rate not fixed; may be slashed; due 2026-01-29T00:00:00Z");
}

}  // namespace
}  // namespace navkeeper::staking
