#pragma once
// The share register against the transfer agent and the depository. The register's shares of the settled
// basis, less those of orders that were due and have not settled, must be what the agent has for all its
// holders, and the agent's nominee of the depository must hold what the depository shows.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/refusal.h"
#include "common/money/decimal.h"
#include "common/time/date.h"

namespace navkeeper::nav::cash {

inline constexpr const char* kTransferAgent = "transfer_agent";
inline constexpr const char* kDepository = "depository";
inline constexpr const char* kNominee = "CEDE & CO";  ///< in whose name the depository's shares are held

/// A daily position file of one fund: holders of the transfer agent; one holder, the nominee, of the
/// depository.
struct SharePositions {
  std::string source;
  time::Date date;
  std::map<std::string, money::Decimal> holders;  ///< whole shares, not negative
  money::Decimal total() const;
};

/// Refused: another source, no holder, a fraction or a negative number of shares.
base::Checked<void> check_positions(const SharePositions& positions);

struct ShareBreak {
  std::string between;  ///< "register and transfer agent"
  money::Decimal ours;
  money::Decimal theirs;
  std::string detail;  ///< what would explain it
  money::Decimal difference() const { return theirs - ours; }
};

struct ShareComparison {
  std::optional<money::Decimal> agent;    ///< nothing where no file came
  std::optional<money::Decimal> nominee;  ///< of the agent's file
  std::optional<money::Decimal> depository;
  std::vector<ShareBreak> breaks;
};

/// The register of one day.
struct RegisterShares {
  money::Decimal settled;    ///< orders by their contractual dates
  money::Decimal unsettled;  ///< traded, not due by then
  money::Decimal open;       ///< due, not settled: what the settled shares lack; issued for nothing: negative
  money::Decimal expected() const { return settled + open; }
};

/// All of one day. What is not settled or open is named where it is the difference.
ShareComparison compare_shares(const RegisterShares& ours, const std::optional<SharePositions>& agent,
                               const std::optional<SharePositions>& depository);

}  // namespace navkeeper::nav::cash
