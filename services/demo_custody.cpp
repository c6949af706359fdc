#include "services/demo_custody.h"

#include <sys/stat.h>

#include <atomic>
#include <fstream>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/json/write.h"
#include "services/custody/adapters/chain_tasks.h"
#include "services/custody/adapters/custodians/connect.h"
#include "services/custody/adapters/custody_store.h"
#include "services/custody/app/sync_custodian.h"
#include "services/sandbox/custodians/custodian_servers.h"

namespace navkeeper {
namespace {

constexpr const char* kName = "crypto_com";
constexpr const char* kActor = "demonstration";
constexpr auto kTick = time::Duration::milliseconds(1);
/// The answers of its server are dated by the machine's clock.
constexpr auto kAnySkew = time::Duration::hours(1'000'000);

/// Stands where it is put, but for a tick at every look: two requests are never of one instant.
class StoryClock final : public time::Clock {
 public:
  explicit StoryClock(time::Instant start) : ns_(start.ns()) {}
  void set(time::Instant instant) { ns_ = instant.ns(); }
  void advance(time::Duration span) { ns_ += span.ns(); }
  time::Instant now() const override { return time::Instant::from_ns(ns_ += kTick.ns()); }

 private:
  mutable std::atomic<std::int64_t> ns_;
};

std::pair<sandbox::Coin, money::Int128> amount_of(const std::string& coin, const std::string& coins) {
  const auto named = sandbox::coin_named(coin);
  if (!named) base::refuse(coin, "is no coin of the sandbox");
  const auto units = sandbox::units_of(coins, *named);
  if (!units) base::refuse(coins, "is no amount of " + coin);
  return {*named, *units};
}

sandbox::CustodianServersOptions servers_of(const DemoCustodianOptions& given) {
  sandbox::CustodianServersOptions options;
  options.seed = given.seed;
  options.start = given.start;
  options.chains = given.chains;
  options.empty_accounts = true;
  return options;
}

}  // namespace

struct DemoCustodian::Implementation {
  Implementation(db::Pool& pool, const DemoCustodianOptions& options)
      : store(pool), clock(options.start), servers(servers_of(options), clock, clock) {
    for (const sandbox::CustodianEndpoint& endpoint : servers.endpoints()) {
      if (endpoint.custodian != kName) continue;
      settings.base_url = endpoint.url;
      settings.account = endpoint.account;
      settings.credentials_file = (options.folder / ("custodian-" + options.fund + ".toml")).string();
      std::ofstream(settings.credentials_file)
          << "key = \"" << endpoint.key.key << "\"\nsecret = \"" << endpoint.key.secret << "\"\n";
      if (::chmod(settings.credentials_file.c_str(), S_IRUSR | S_IWUSR) != 0)
        base::refuse(settings.credentials_file, "cannot be made its owner's alone");
    }
    settings.name = kName;
    settings.protocol = custody::CustodianProtocol::kCryptoCom;
    settings.fund = model::FundId::literal(options.fund);
    settings.staked_in_total = custody::Counted::kApart;
    settings.activating_in_staked = custody::Counted::kApart;
    custody::CallerLimits limits;
    limits.skew_max = kAnySkew;
    source = custody::make_custodian(
        settings, custody::read_credentials(settings.credentials_file, false),
        custody::http_transport(settings.base_url, ""), evidence, clock,
        [this](time::Duration pause) { clock.advance(pause); }, custody::random_chance(), limits);
  }

  custody::PostgresCustodyStore store;
  StoryClock clock;
  sandbox::CustodianServers servers;
  custody::CustodianSettings settings;
  custody::CollectedEvidence evidence;
  std::unique_ptr<custody::CustodianSource> source;
};

DemoCustodian::DemoCustodian(db::Pool& custody, const DemoCustodianOptions& options)
    : implementation_(std::make_unique<Implementation>(custody, options)) {}
DemoCustodian::~DemoCustodian() = default;

void DemoCustodian::send(const std::string& coin, const std::string& coins, const std::string& transaction,
                         time::Instant sent) {
  const auto [named, units] = amount_of(coin, coins);
  implementation_->servers.custodian(kName).account().arrive(named, units, transaction, sent);
}

void DemoCustodian::stake(const std::string& coin, const std::string& coins, time::Instant asked) {
  const auto [named, units] = amount_of(coin, coins);
  sandbox::Move move;
  if (implementation_->servers.custodian(kName).account().ask(sandbox::MoveKind::kStake, named, units, "", "",
                                                              asked, move) !=
      sandbox::CustodianAccount::Refusal::kNothing)
    base::refuse(coins + " " + coin, "is more than is free");
}

void DemoCustodian::reward(const std::string& coin, const std::string& coins, const std::string& staked,
                           time::Instant paid) {
  const auto [named, units] = amount_of(coin, coins);
  implementation_->servers.custodian(kName).account().earn(named, units, amount_of(coin, staked).second,
                                                           paid);
}

void DemoCustodian::misstate(bool is_short) {
  implementation_->servers.faults().clear();
  if (!is_short) return;
  implementation_->servers.faults().add(
      {kName, sandbox::CustodianFault::kShortBalance, time::Instant::earliest(), time::Instant::latest()});
}

void DemoCustodian::read(time::Instant instant) {
  implementation_->clock.set(instant);
  const custody::SyncReport report =
      custody::sync_custodian(*implementation_->source, implementation_->evidence, implementation_->store,
                              implementation_->settings.fund, {}, implementation_->clock, kActor);
  if (report.run.outcome != custody::SyncOutcome::kDone)
    throw base::Unavailable("the demonstration's custodian: " + report.run.detail);
}

std::string DemoCustodian::address(const std::string& coin) const {
  return implementation_->servers.custodian(kName).account().address(amount_of(coin, "0").first);
}

std::string DemoCustodian::settings_toml() const {
  const custody::CustodianSettings& settings = implementation_->settings;
  return "[[custody.custodians]]\nname = " + json::quoted(settings.name) +
         "\nprotocol = " + json::quoted(std::string(custody::describe(settings.protocol))) +
         "\nfund = " + json::quoted(settings.fund.value()) +
         "\ncredentials_file = " + json::quoted(settings.credentials_file) +
         "\naccount = " + json::quoted(settings.account) + "\nbase_url = " + json::quoted(settings.base_url) +
         "\nstaked_in_total = \"apart\"\nactivating_in_staked = \"apart\"\n";
}

void read_demo_chains(db::Pool& custody, const custody::Settings& settings, const time::Clock& clock,
                      time::Instant at) {
  custody::PostgresCustodyStore store(custody);
  for (const custody::ChainTask& task : custody::chain_tasks(settings)) {
    const custody::SyncReport report = custody::ask_chain(settings, task, store, clock, kActor, at);
    if (report.run.outcome != custody::SyncOutcome::kDone)
      throw base::Unavailable("the demonstration's " + task.source() + ": " + report.run.detail);
  }
}

}  // namespace navkeeper
