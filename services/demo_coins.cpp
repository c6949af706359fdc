#include "services/demo_coins.h"

#include <fstream>
#include <ostream>

#include "common/base/refuse.h"
#include "common/json/write.h"
#include "common/time/zone.h"

namespace navkeeper {
namespace {

constexpr const char* kBoth[] = {"BTCETH", "CROYIELD"};
constexpr const char* kExchangeFund = "BTCETH";
constexpr const char* kChainFund = "CROYIELD";
// Both funds stake less than 15 % of their net assets: what nobody knows when it is cash, and what takes more
// than seven days, is illiquid under ICA_1940.
constexpr const char* kStakedEther = "2000";   // of BTCETH's, with its custodian
constexpr const char* kDailyReward = "0.164";  // that they earn: 82 parts in a million
constexpr const char* kBitcoinSent = "5f2c0a7be1d94c36a8e07b1f4d6c92e3b5a80f71c4d2e6b9a3f81c5d7e092b46";
constexpr const char* kEtherSent = "0x8c1d5e3fa9b24706d1c8e5f29a7b30c64e81d2f5b6a9073ec4d18f2a5b7c9e03";
// CROYIELD's 120,000,000 CRO, by basecro.
constexpr const char* kWithCustodian = "9500000000000000";
constexpr const char* kInWallet = "2500000000000000";
constexpr const char* kDelegated = "800000000000000";  // to each of two validators
/// Its custodian reads before the chain is read at the valuation point itself.
constexpr auto kCustodianReads = time::Duration::minutes(15);
constexpr auto kStakingReads = time::Duration::minutes(10);

}  // namespace

time::Instant demo_strike(time::Date day) {
  return *time::local_to_instant(day, time::TimeOfDay::literal("16:00"), "America/New_York");
}

std::string DemoCoins::ether_sent() { return kEtherSent; }

DemoCoins::DemoCoins(const runtime::CommandContext& context, Composition& composition,
                     std::filesystem::path folder, std::uint64_t seed, Days days, Run run,
                     std::ostream& story)
    : composition_(composition),
      folder_(std::move(folder)),
      seed_(seed),
      days_(days),
      run_(std::move(run)),
      story_(story),
      config_file_((folder_ / "custody.toml").string()),
      with_config_(context) {
  with_config_.config_path = config_file_;
}
DemoCoins::~DemoCoins() = default;

void DemoCoins::begin() {
  const time::Instant funded = demo_strike(days_.funded);
  db::Pool& custody = composition_.pool("custody");
  btceth_ = std::make_unique<DemoCustodian>(
      custody, DemoCustodianOptions{kExchangeFund, folder_, seed_, funded, nullptr});
  btceth_->send("BTC", "350", kBitcoinSent, funded - time::Duration::hours(4));
  btceth_->send("ETH", "7000", kEtherSent, demo_strike(days_.arrived) - time::Duration::hours(4));
  story_ << "The custodian is SIMULATED too. " << kExchangeFund
         << " was funded with bitcoin and ether; the ether has not reached the custodian.\n\n";

  custody::register_routes(custody_routes_, composition_.custody(), [](const http::Request&) {
    return model::Actor{model::ActorId::literal("demonstration"), {model::Role::kService}};
  });
  const time::Instant strike = demo_strike(days_.first);
  chain_ = std::make_unique<DemoStaking>(composition_.pool("staking"), custody_routes_, seed_,
                                         strike - time::Duration::hours(6));
  croyield_ = std::make_unique<DemoCustodian>(
      custody, DemoCustodianOptions{kChainFund, folder_, seed_ + 1, funded, &chain_->world()});
  chain_->pay(croyield_->address("CRO"), kWithCustodian, strike - time::Duration::hours(5));
  chain_->pay(chain_->wallet(), kInWallet, strike - time::Duration::hours(5));
  for (const int validator : {1, 2})
    chain_->delegate(validator, kDelegated, strike - time::Duration::hours(4));
  story_ << "The Cronos chain is SIMULATED as well. Of " << kChainFund
         << "'s 120,000,000 CRO 95,000,000 lie at its custodian's address there, 25,000,000 in its own "
            "wallet, which\ndelegates 16,000,000 to two validators and claims what they owe each day.\n\n";

  const auto address = [](const std::string& text, const std::string& more) {
    return "[[custody.addresses]]\nfund = " + json::quoted(kChainFund) +
           "\nchain = \"cronos_pos\"\naddress = " + json::quoted(text) + "\nuse = \"segregated\"\n" + more;
  };
  // A configuration names its peers; these are served by this process.
  const custody::Dependencies ours = composition_.custody();
  std::ofstream file(config_file_, std::ios::trunc);
  file << "# Written by navkeeper demo; services, custodian and nodes ran in that process alone.\n"
       << "[services.nav]\nurl = " << json::quoted(ours.nav_url())
       << "\n[services.pricing]\nurl = " << json::quoted(ours.pricing_url()) << "\n"
       << croyield_->settings_toml() << address(croyield_->address("CRO"), "custodian = \"crypto_com\"\n")
       << address(chain_->wallet(), "") << chain_->chain_toml();
  file.close();
  if (!file) base::refuse(config_file_, "cannot be written");
  configured_ = std::make_unique<Composition>(with_config_);
}

void DemoCoins::live(time::Date day) {
  if (!btceth_) begin();
  earn_with_custodian(day);
  read_custodians(demo_strike(day) - kCustodianReads);
  earn_on_chain(day);
}

void DemoCoins::misstate(bool is_short) {
  btceth_->misstate(is_short);
  croyield_->misstate(is_short);
}

void DemoCoins::read_custodians(time::Instant instant) {
  btceth_->read(instant);
  croyield_->read(instant);
}

/// BTCETH's ether is staked with the custodian once it has arrived; each day's reward is paid on its morning.
void DemoCoins::earn_with_custodian(time::Date day) {
  if (day < days_.arrived) return;
  if (day == days_.arrived) {
    btceth_->stake("ETH", kStakedEther, demo_strike(day) - time::Duration::hours(3));
    story_ << kExchangeFund << " stakes " << kStakedEther
           << " of its ether with the custodian; what staking reads of it moves them in the books.\n\n";
    rewarded_ = day;
  }
  for (; rewarded_ < day; rewarded_ = rewarded_ + 1)
    btceth_->reward("ETH", kDailyReward, kStakedEther, demo_strike(rewarded_ + 1) - time::Duration::hours(7));
}

/// CROYIELD claims each day, and one of its validators is slashed. What staking read of both funds goes into
/// their books before they are struck; custody reads the chain at the valuation point.
void DemoCoins::earn_on_chain(time::Date day) {
  const time::Instant strike = demo_strike(day);
  if (day == days_.slashed) {
    chain_->slash(2, "0.001", strike - time::Duration::hours(5));
    story_ << "Today one of the two validators of " << kChainFund << " is slashed by a thousandth.\n\n";
  }
  chain_->claim(strike - time::Duration::hours(1));
  chain_->read(strike - kStakingReads);
  chain_->price(composition_.staking(), strike);
  chain_->pass(strike);
  read_demo_chains(composition_.pool("custody"), configured_->custody_settings(), chain_->clock(), strike);
  const bool is_told = day == days_.first || day == days_.slashed;
  for (const char* fund : kBoth)
    run_({"fund", "record", fund, "--from-staking", "--date", day.to_string(), "--as", "operator"}, is_told);
}

}  // namespace navkeeper
