#pragma once
// Where liquidity tests and breaches are kept. Only ever added to.
#include "services/staking/app/liquidity_picture.h"
#include "services/staking/domain/liquidity/breach.h"

namespace navkeeper::staking {

struct StoredTest {
  LiquidityInputs inputs;
  std::string inputs_hash;  ///< SHA-256 of the inputs as they are stored, 64 hexadecimal digits
  std::string taken_by;
  time::Instant known_at;
};

/// The fund's breaches are numbered from 1; only the last can be open.
struct StoredBreach {
  int number = 0;
  liquidity::Breach breach;
};

class LiquidityStore {
 public:
  virtual ~LiquidityStore() = default;
  /// The test and what it means for the breach, in one transaction. Throws base::Conflict where somebody
  /// else's test or act came first.
  virtual void save(const model::FundId& fund, const LiquidityInputs& inputs, const LiquidityPicture& picture,
                    const std::optional<liquidity::BreachEvent>& event,
                    const std::optional<StoredBreach>& before, const std::string& actor) = 0;
  virtual void add(const model::FundId& fund, const StoredBreach& to,
                   const liquidity::BreachEvent& event) = 0;
  /// The test that was taken last.
  virtual std::optional<StoredTest> newest_test(const model::FundId& fund, time::Instant known_at) = 0;
  /// By number.
  virtual std::vector<StoredBreach> breaches(const model::FundId& fund, time::Instant known_at) = 0;
};

}  // namespace navkeeper::staking
