#pragma once
// Wires: dollars that leave a bank account of the fund. One person proposes, another approves; within the
// limits of the account; to a payee that two people approved before; sent once.
#include <optional>
#include <string>

#include "common/base/refusal.h"
#include "common/money/decimal.h"
#include "common/time/date.h"
#include "services/nav/domain/cash/bank_statement.h"

namespace navkeeper::nav::cash {

struct Payee {
  std::string id;        ///< ours: "adviser"
  std::string name;      ///< as the bank is told
  std::string number;    ///< of its account
  std::string servicer;  ///< BIC or routing number of its bank
  bool operator==(const Payee&) const = default;
};

/// The latest approved one of an account holds; once it is withdrawn none does, and nothing may leave.
struct WireLimits {
  std::string id;
  std::string account;
  money::Decimal per_wire;  ///< dollars, positive
  money::Decimal per_day;   ///< of all wires of one value date
  bool operator==(const WireLimits&) const = default;
};

struct Wire {
  std::string id;  ///< also what the bank is given as our reference
  std::string account;
  std::string payee;
  money::Decimal amount;  ///< dollars
  time::Date value_date;
  std::string purpose;
  /// What it pays, where there is something: an entry of the journal by its source and id there, "liability"
  /// and an account below Liabilities:, or "distribution" and its id. By it bank and books are matched, and
  /// projected cash counts it once.
  std::string pays_source;
  std::string pays_id;
  bool operator==(const Wire&) const = default;
};

/// Longest reference that a bank carries (ISO 20022 Max35Text).
constexpr std::size_t kWireIdLengthMax = 35;

base::Checked<void> check_payee(const Payee& payee);
base::Checked<void> check_limits(const WireLimits& limits);

/// What a wire says that it pays, as the books have it.
struct PaidDebt {
  money::Decimal owed;  ///< dollars: by entry or distribution its whole payment; of a liability what is open
  money::Decimal promised;  ///< of it, to other wires that nobody withdrew and the books do not show yet
  std::string by;           ///< ids of those wires
};

/// What stands around a wire when somebody decides on it.
struct WireSight {
  time::Date today;
  bool is_value_date_bank_day = false;
  bool has_account = false;  ///< approved
  bool has_payee = false;    ///< approved
  std::optional<WireLimits> limits;
  money::Decimal day_total;  ///< of the account's other wires of that value date that nobody withdrew
  std::optional<PaidDebt> debt = {};  ///< nothing: the books owe nothing by the name that the wire pays
};

/// Asked when it is proposed, when it is approved and when it is released: what held may hold no longer.
base::Checked<void> check_wire(const Wire& wire, const WireSight& sight);

/// Whether the account can pay it: `settled` is the books' settled cash on the value date, `counted` whether
/// the entry it pays is in that already, `pending` other released wires that are not.
base::Checked<void> check_wire_funds(const Wire& wire, const money::Decimal& settled, bool is_counted,
                                     const money::Decimal& pending);

}  // namespace navkeeper::nav::cash
