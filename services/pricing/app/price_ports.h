#pragma once
// What the use cases around the official price need from outside: policies, what people decided, exchange
// rates, and the prices themselves. Adapters throw base::Unavailable, base::Conflict and base::InDoubt.
#include <optional>
#include <string>
#include <vector>

#include "common/model/actor.h"
#include "services/pricing/domain/markets/official_price.h"

namespace navkeeper::pricing {

struct StoredPolicy {
  explicit StoredPolicy(ValuationPolicy read) : policy(std::move(read)) {}
  ValuationPolicy policy;
  std::int32_t version = 0;
  std::string hash_hex;
  std::string toml;
  std::string actor;
  time::Instant known_at;
};

/// The history of a policy from its versions in the order in which they came. Refused: a gap.
base::Checked<std::vector<Period<StoredPolicy>>> policy_history(const std::vector<StoredPolicy>& versions);

/// Which price: of one asset and date, for funds of one act and basis.
struct PriceKey {
  model::AssetId asset;
  time::Date date;
  Track track;
  std::string to_string() const;  ///< "BTC 2026-03-06 (ICA_1940 fair_value)"
};

struct StoredPrice {
  explicit StoredPrice(PriceKey of) : key(std::move(of)) {}
  PriceKey key;
  std::int32_t version = 0;
  std::optional<money::Decimal> value;  ///< of the ladder
  std::string rung;                     ///< empty without a value
  bool stands = false;
  time::Instant valuation;
  std::string input_hash_hex;  ///< of the document
  std::string document;        ///< canonical JSON: everything that it came from
  time::Instant known_at;
  std::string actor;
  std::optional<FairValueDetermination> determination;  ///< with the steps taken since

  bool is_determined() const {
    return determination && determination->state == DeterminationState::kApproved;
  }
  /// What a fund is valued with: the determined price, else the ladder's where it stands; else nothing.
  std::optional<money::Decimal> official() const {
    if (is_determined()) return determination->price;
    return stands ? value : std::nullopt;
  }
  /// Since when it is what it is: the second person's approval, or when the price was struck.
  time::Instant official_since() const { return is_determined() ? *determination->approved_at : known_at; }
};

struct NewPrice {
  PriceKey key;
  const StoredPolicy& policy;
  const PriceFacts& facts;
  const OfficialPrice& price;
  std::string actor;
};

struct StoredExchangeRate {
  ExchangeRate rate;
  std::string answer;      ///< what the issuer sent; empty: a person entered it
  time::Instant known_at;  ///< since when it counts, or was entered
  std::string actor;
  std::string approved_by = {};  ///< the second person; empty where none is needed, or none has come
  bool counts() const { return !answer.empty() || !approved_by.empty(); }
};

struct StoredManualPrice {
  std::int32_t number = 0;
  ManualPrice price;
};

class PriceStore {
 public:
  virtual ~PriceStore() = default;
  virtual std::vector<model::AssetId> assets() = 0;
  virtual std::optional<StoredPolicy> policy_on(const model::AssetId& asset, time::Date date) = 0;

  /// The newest approved one of that day, else the newest proposed.
  virtual std::optional<StoredManualPrice> manual(const model::AssetId& asset, time::Date date) = 0;
  virtual std::optional<StoredManualPrice> newest_manual(const model::AssetId& asset, time::Date date) = 0;
  virtual std::int32_t propose_manual(const model::AssetId& asset, time::Date date,
                                      const ManualPrice& price) = 0;
  /// Conflict when it is not the newest of its day, or was approved by somebody else.
  virtual void approve_manual(const model::AssetId& asset, time::Date date, const StoredManualPrice& price,
                              const model::ActorId& by, time::Instant now) = 0;

  /// Of those that count the newest as of `at` or before, known at `known_at`.
  virtual std::optional<StoredExchangeRate> exchange_rate(const model::AssetId& token, time::Instant at,
                                                          time::Instant known_at) = 0;
  /// False when the very same was known before.
  virtual bool add_exchange_rate(const model::AssetId& token, const StoredExchangeRate& rate) = 0;
  /// False when they approved it before. Conflict: another rate of that instant counts, or somebody else
  /// approved it. Refused: none was entered so, or by the same person.
  virtual bool approve_exchange_rate(const model::AssetId& token, const ExchangeRate& rate,
                                     const model::ActorId& by, time::Instant now) = 0;

  /// The newest version known then.
  virtual std::optional<StoredPrice> price(const PriceKey& key,
                                           time::Instant known_at = time::Instant::latest()) = 0;
  /// Of the last dates before `date` the newest versions, oldest first, at most `count`.
  virtual std::vector<StoredPrice> prices_before(const PriceKey& key, std::size_t count) = 0;
  /// Of the last date before `date` on which a price is official, however far back, the newest version.
  virtual std::optional<StoredPrice> official_before(const PriceKey& key) = 0;
  /// The exchange rate that a token's price was made from or held against, as its document has it; nothing
  /// where there was none, or no price of the coin to take it times.
  virtual std::optional<ExchangeRate> rate_used(const StoredPrice& price) = 0;
  /// Of the first date before `date` on which one was used, as it was struck first.
  virtual std::optional<ExchangeRate> first_rate_used(const PriceKey& key) = 0;
  struct Saved {
    StoredPrice price;
    bool is_new = false;  ///< false: the newest version came from the same inputs, nothing was changed
  };
  virtual Saved save(const NewPrice& price) = 0;

  /// The state after one more step, decided by the domain; Conflict when another step was taken meanwhile.
  virtual void add_step(const StoredPrice& price, const FairValueDetermination& after,
                        const std::vector<DeterminationInput>& inputs, const model::ActorId& actor,
                        time::Instant now) = 0;
};

}  // namespace navkeeper::pricing
