#include "services/custody/adapters/settings.h"

#include <sys/stat.h>

#include <filesystem>
#include <set>
#include <tuple>

#include "common/base/refuse.h"
#include "services/custody/adapters/chains/chain_settings.h"

namespace navkeeper::custody {
namespace {

using runtime::TomlReader;

constexpr int kHistoryDaysMax = 3'660;
constexpr int kTimeoutSecondsMax = 60;  // below MovementTiming::answer_within
constexpr mode_t kOthers = S_IRWXG | S_IRWXO;

std::string beside(const std::string& folder, const std::string& file) {
  return (std::filesystem::path(folder) / file).string();
}

Counted counted_in(TomlReader& table, std::string_view key, Counted otherwise) {
  const auto place = table.optional_value(key);
  if (!place) return otherwise;
  const auto counted = parse_counted(place->string());
  if (!counted) place->refuse("must be inside, apart or not_stated");
  return *counted;
}

model::FundId fund_in(TomlReader& table) {
  const auto fund = table.value("fund");
  const auto id = model::FundId::parse(fund.string());
  if (id.has_error()) fund.refuse(id.error().rule);
  return *id;
}

CustodianSettings read_custodian(TomlReader& table, const std::string& folder) {
  CustodianSettings settings;
  const auto name = table.value("name");
  settings.name = name.string();
  if (model::VenueId::parse(settings.name).has_error())
    name.refuse("must be 1 to 64 letters, digits, points, dashes or underscores");
  const auto protocol = table.value("protocol");
  if (protocol.string() == describe(CustodianProtocol::kCryptoCom))
    settings.protocol = CustodianProtocol::kCryptoCom;
  else if (protocol.string() == describe(CustodianProtocol::kCoinbasePrime))
    settings.protocol = CustodianProtocol::kCoinbasePrime;
  else
    protocol.refuse("must be crypto_com or coinbase_prime");
  const bool prime = settings.protocol == CustodianProtocol::kCoinbasePrime;
  settings.fund = fund_in(table);
  settings.credentials_file = beside(folder, table.string("credentials_file"));
  settings.account = table.optional_string("account").value_or("");
  if (prime && settings.account.empty()) table.refuse("account", "Coinbase Prime needs the portfolio's id");
  // Prime's amount is "the total amount", bonded coins being locked within it; Crypto.com does not say.
  settings.staked_in_total =
      counted_in(table, "staked_in_total", prime ? Counted::kInside : Counted::kNotStated);
  settings.activating_in_staked = counted_in(table, "activating_in_staked", Counted::kNotStated);
  if (const auto is_zero = table.optional_boolean("untold_is_zero")) {
    if (prime) table.refuse("untold_is_zero", "Coinbase Prime tells stakes and total together");
    settings.untold_is_zero = *is_zero;
  }
  if (table.has("gone")) {
    for (const std::string& coin : table.strings("gone")) {
      if (const auto read = model::AssetId::parse(coin); read.has_error())
        table.refuse("gone", coin + ": " + read.error().rule);
      settings.gone.insert(coin);
    }
  }
  if (const auto days = table.optional_integer("history_days", 1, kHistoryDaysMax))
    settings.history_days = static_cast<int>(*days);
  if (const auto url = table.optional_value("base_url")) {
    settings.base_url = url->string();
    if (!settings.base_url.starts_with("http://") && !settings.base_url.starts_with("https://"))
      url->refuse("must begin with http:// or https://");
    while (settings.base_url.ends_with('/')) settings.base_url.pop_back();
  }
  if (const auto file = table.optional_string("ca_file")) settings.ca_file = beside(folder, *file);
  if (const auto seconds = table.optional_integer("timeout_seconds", 1, kTimeoutSecondsMax))
    settings.timeout_seconds = static_cast<int>(*seconds);
  table.finish();
  return settings;
}

/// Whose it is and how it is used.
void read_ownership(TomlReader& table, const std::set<std::string>& custodians, OwnAddress& own) {
  own.fund = fund_in(table);
  if (const auto use = table.optional_value("use")) {
    if (use->string() == describe(AddressUse::kSegregated))
      own.use = AddressUse::kSegregated;
    else if (use->string() == describe(AddressUse::kOmnibus))
      own.use = AddressUse::kOmnibus;
    else
      use->refuse("must be segregated or omnibus");
  }
  if (const auto custodian = table.optional_value("custodian")) {
    own.custodian = custodian->string();
    if (!custodians.contains(own.custodian)) custodian->refuse("no custodian of that name is configured");
  }
  if (const auto account = table.optional_value("account")) {
    own.account = account->string();
    if (own.custodian.empty()) account->refuse("is an account of whom? custodian is missing");
  }
}

OwnAddress read_address(TomlReader& table, const std::set<std::string>& custodians) {
  OwnAddress own;
  const auto chain = table.value("chain");
  const auto which = parse_chain(chain.string());
  if (!which) chain.refuse("must be bitcoin, ethereum, cronos_pos or cronos_evm");
  own.chain = *which;
  const auto address = table.value("address");
  const auto canonical = canonical_address(own.chain, address.string());
  if (canonical.has_error()) address.refuse(canonical.error().message());
  own.address = canonical->text;
  read_ownership(table, custodians, own);
  table.finish();
  return own;
}

std::vector<OwnAddress> read_extended_key(TomlReader& table, const std::set<std::string>& custodians) {
  constexpr std::int64_t kCountMax = 1'000;
  OwnKey key;
  const auto name = table.value("name");
  key.name = name.string();
  if (model::VenueId::parse(key.name).has_error())
    name.refuse("must be 1 to 64 letters, digits, points, dashes or underscores");
  const auto zpub = table.value("zpub");
  key.zpub = zpub.string();
  key.count = static_cast<int>(table.optional_integer("count", 1, kCountMax).value_or(40));
  key.gap_limit = static_cast<int>(table.optional_integer("gap_limit", 1, kCountMax).value_or(20));
  OwnAddress like;
  read_ownership(table, custodians, like);
  table.finish();
  auto derived = derived_addresses(key, like);
  if (derived.has_error()) zpub.refuse(derived.error().message());
  return *std::move(derived);
}

money::Decimal not_negative(const runtime::TomlPlace& value) {
  const money::Decimal amount = value.decimal();
  if (amount.is_negative()) value.refuse("is negative");
  return amount;
}

void read_reconciliation(TomlReader& table, Settings& settings) {
  ReconciliationTerms& terms = settings.reconciliation;
  for (TomlReader& one : table.optional_tables("tolerances")) {
    const auto asset = one.value("asset");
    if (const auto id = model::AssetId::parse(asset.string()); id.has_error()) asset.refuse(id.error().rule);
    Tolerance tolerance{not_negative(one.value("units")), std::nullopt};
    if (const auto dollars = one.optional_value("dollars")) tolerance.dollars = not_negative(*dollars);
    if (!terms.tolerances.emplace(asset.string(), tolerance).second) asset.refuse("has two tolerances");
    one.finish();
  }
  std::set<std::pair<std::string, std::string>> named;
  for (TomlReader& one : table.optional_tables("places")) {
    PlaceRule rule{one.string("source"), one.string("account"), one.string("place")};
    if (!named.emplace(rule.source, rule.account).second) one.refuse("account", "has two places");
    terms.places.push_back(std::move(rule));
    one.finish();
  }
  if (auto given = table.optional_table("reconciliation")) {
    constexpr std::int64_t kAgeHoursMax = 240;
    constexpr std::int64_t kDaysMax = 30;
    if (const auto hours = given->optional_integer("balance_age_hours", 1, kAgeHoursMax))
      terms.age_max = time::Duration::hours(*hours);
    if (const auto days = given->optional_integer("match_days", 0, kDaysMax))
      terms.match_days_max = static_cast<int>(*days);
    if (const auto days = given->optional_integer("timing_days", 0, kDaysMax))
      terms.timing_days_max = static_cast<int>(*days);
    constexpr std::int64_t kWaitMinutesMax = 1'440;
    if (const auto minutes = given->optional_integer("wait_minutes", 0, kWaitMinutesMax))
      settings.reconcile_wait = time::Duration::minutes(*minutes);
    given->finish();
  }
  for (const CustodianSettings& custodian : settings.custodians) {
    if (custodian.protocol == CustodianProtocol::kCryptoCom) terms.omnibus.push_back(custodian.name);
  }
  for (const OwnAddress& own : settings.addresses) {
    const Place place{chain_source(own.chain), own.address};
    if (own.use == AddressUse::kOmnibus)
      terms.others_too.push_back(place);
    else if (own.custodian.empty())
      terms.own_keys.push_back(place);
    else if (own.use == AddressUse::kSegregated)
      terms.segregated.push_back({place, own.custodian, own.account});
    // An address of a custodian's account is where that account is.
    for (const PlaceRule& rule : std::vector<PlaceRule>(terms.places)) {
      const bool is_its_account = rule.source == own.custodian && rule.account == own.account;
      if (is_its_account && named.emplace(place.source, place.account).second)
        terms.places.push_back({place.source, place.account, rule.place});
    }
  }
}

}  // namespace

std::string_view describe(CustodianProtocol protocol) {
  switch (protocol) {
    case CustodianProtocol::kCryptoCom:
      return "crypto_com";
    case CustodianProtocol::kCoinbasePrime:
      return "coinbase_prime";
  }
  return "";
}

Settings read_settings(TomlReader table, const std::string& folder) {
  Settings settings;
  if (const auto seconds =
          table.optional_integer("sync_seconds", Settings::kSyncSecondsMin, Settings::kSyncSecondsMax))
    settings.sync_every = time::Duration::seconds(*seconds);
  std::set<std::string> named;
  std::set<std::tuple<CustodianProtocol, std::string, std::string>> accounts;
  for (TomlReader& custodian : table.optional_tables("custodians")) {
    settings.custodians.push_back(read_custodian(custodian, folder));
    const CustodianSettings& one = settings.custodians.back();
    if (!named.insert(one.name).second) custodian.refuse("name", "the custodian is named twice");
    // Of an account that nobody names the credentials are the account's.
    const bool is_named = !one.account.empty();
    if (!accounts.emplace(one.protocol, one.base_url, is_named ? one.account : one.credentials_file).second)
      custodian.refuse(is_named ? "account" : "credentials_file",
                       "comes twice: its coins would be counted twice");
  }
  std::set<std::pair<Chain, std::string>> addresses;
  for (TomlReader& row : table.optional_tables("addresses")) {
    settings.addresses.push_back(read_address(row, named));
    const OwnAddress& own = settings.addresses.back();
    if (!addresses.emplace(own.chain, own.address).second)
      row.refuse("address", "comes twice: its coins would be counted twice");
  }
  std::set<std::string> keys;
  for (TomlReader& row : table.optional_tables("extended_keys")) {
    if (!keys.insert(row.string("name")).second) row.refuse("name", "is another extended key's too");
    for (OwnAddress& own : read_extended_key(row, named)) {
      if (!addresses.emplace(own.chain, own.address).second)
        row.refuse("zpub",
                   "derives " + own.address + ", which comes twice: its coins would be counted twice");
      settings.addresses.push_back(std::move(own));
    }
  }
  read_reconciliation(table, settings);
  if (auto chains = table.optional_table("chains"))
    settings.chains = std::make_shared<const ChainSettings>(read_chain_settings(std::move(*chains), folder));
  table.finish();
  return settings;
}

Credentials read_credentials(const std::string& file, bool with_passphrase) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) base::refuse(file, "cannot be read");
  if ((status.st_mode & kOthers) != 0)
    base::refuse(file, "can be read by others than its owner: chmod 600 it");
  const runtime::TomlDocument document = base::value_or_refuse(runtime::TomlDocument::load(file));
  TomlReader reader = document.root();
  Credentials credentials;
  credentials.key = reader.string("key");
  credentials.secret = base::Secret(reader.string("secret"));
  if (with_passphrase) credentials.passphrase = base::Secret(reader.string("passphrase"));
  if (credentials.key.empty()) reader.refuse("key", "is empty");
  if (credentials.secret.empty()) reader.refuse("secret", "is empty");
  reader.finish();
  return credentials;
}

}  // namespace navkeeper::custody
