#pragma once
// A NAV that was published and was wrong: restated beside what was published, and what is owed for it.
//
//   restate_nav     each day of the period is struck again from what is known now; the books get the
//                   differences, so a later day owes the correct fees of an earlier one
//   assess_period   published against restated, day by day and order by order (domain/nav_error.h)
//   report_errors   the same, kept for the board
#include <string>
#include <vector>

#include "services/nav/app/strike_fund.h"
#include "services/nav/domain/nav_error.h"

namespace navkeeper::nav {

/// Which orders were dealt at the NAV of a day.
class OrderSource {
 public:
  virtual ~OrderSource() = default;
  /// Of the day of `correct`; those that dealing prices by itself with what they are off by against it.
  virtual std::vector<DealtOrder> dealt(const model::FundId& fund, const StoredNav& correct) = 0;
};

struct StoredErrorReport {
  explicit StoredErrorReport(model::ActorId by) : made_by(std::move(by)) {}
  int number = 0;       ///< of the fund, from 1
  std::string content;  ///< JSON
  std::string hash;
  model::ActorId made_by;
  time::Instant made_at;
};

class ErrorReports {
 public:
  virtual ~ErrorReports() = default;
  /// By number.
  virtual std::vector<StoredErrorReport> reports(const model::FundId& fund) = 0;
  /// The number it got; the same content again has the number that it had.
  virtual int add_report(const model::FundId& fund, const std::string& content, const model::ActorId& actor,
                         time::Instant now) = 0;
};

struct RestateRequest {
  model::FundId fund;
  time::Date from;
  time::Date through;  ///< the last day that is struck again
  std::string reason;
  model::Actor actor;
  time::Instant now;
};

/// One report a business day of the period; kUnchanged where the day's inputs are what it was struck from.
/// Refused: no role (maker), no reason, a period that ends before it begins, a day that was not struck, a
/// first day that was never published, nothing to restate, a closed period of the books. Days before a
/// refusal stay restated; the same request takes up where it stopped.
std::vector<StrikeReport> restate_nav(const NavPorts& ports, const RestateRequest& request);

/// The version of the day that was published last; nothing when none was.
std::optional<StoredNav> official_nav(NavStore& store, const model::FundId& fund, time::Date date);

/// Whether a version beside a published one is a material error of it, so that it can be published; also
/// where nothing was published before it.
bool is_material(NavStore& store, const model::FundId& fund, const StoredNav& nav);

/// Refuses a version beside a published one that differs from it by less than what is restated.
void refuse_immaterial(const NavPorts& ports, const model::FundId& fund, const StoredNav& nav);

/// Days with a newer version than the published one, or two published ones. Refused: an unknown fund, no
/// such day in the period.
ErrorReport assess_period(NavStore& navs, OrderSource& orders, const model::FundId& fund, time::Date from,
                          time::Date through);

}  // namespace navkeeper::nav
