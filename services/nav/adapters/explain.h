#pragma once
// The proof sheet of a NAV: every number with where it came from, the change since the last NAV, and the NAV
// struck once more from its own stored inputs.
#include <optional>
#include <string>
#include <vector>

#include "services/nav/app/ports.h"

namespace navkeeper::nav {

struct ProofLine {
  std::string name;
  money::Decimal amount;
  std::string source;    ///< a formula with its numbers, or the book or rate that it was read from
  int decimals_min = 2;  ///< shown at least: dollars' unless the line is of coins or shares
};

struct Explanation {
  model::FundId fund;
  StoredNav nav;
  std::vector<ProofLine> lines;
  std::optional<NavChange> change;  ///< none for the first NAV
  bool is_reproduced = false;  ///< striking the stored inputs again gave the stored document, byte for byte
  int per_share_decimals = 4;
};

/// Throws base::Refused for an unknown fund or a day that was not struck.
Explanation explain_nav(NavStore& store, NavDocuments& documents, const model::FundId& fund, time::Date date);

std::string explanation_json(const Explanation& explanation);
std::string explanation_text(const Explanation& explanation);

}  // namespace navkeeper::nav
