#pragma once
// Takes the fund's liquidity test and follows its breach; records what people do about one.
#include "services/staking/app/liquidity_store.h"

namespace navkeeper::staking {

struct LiquidityPorts {
  StakingStore& facts;
  LiquidityStore& store;
};

/// Opens, measures or cures the passive breach as the test says. Nothing is ever sold because of it.
LiquidityPicture test_liquidity(const LiquidityPorts& ports, const model::FundId& fund,
                                const FundFacts& facts, const FundTerms& terms, time::Instant now,
                                const std::string& actor);

/// Without being asked, once a UTC day, so that a passive breach is recorded on its day: with the newest NAV;
/// nothing where a test of that day is there, whoever took it. Throws as the NAV's source and the test do.
std::optional<LiquidityPicture> test_of_the_day(const LiquidityPorts& ports, const model::FundId& fund,
                                                FundFactsSource& navs, const FundTerms& terms,
                                                time::Instant now, const std::string& actor);

/// A notice, a filing or the plan, in words. Throws base::Refused naming the rule: no open breach, nothing
/// said, told before. Gives the breach with what was added.
StoredBreach act_on_breach(LiquidityStore& store, const model::FundId& fund, liquidity::BreachEventKind kind,
                           const std::string& text, time::Instant now, const std::string& actor);

}  // namespace navkeeper::staking
