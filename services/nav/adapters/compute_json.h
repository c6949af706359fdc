#pragma once
// The file of `navkeeper nav compute` and its answer (contracts: "nav compute").
#include <string>
#include <string_view>

#include "common/time/date.h"
#include "services/nav/domain/nav_calculation.h"

namespace navkeeper::nav {

struct ComputeRequest {
  std::string fund;
  time::Date valuation_date;
  NavInput input;
};

/// Throws base::Refused that names the place in the text and the rule.
ComputeRequest read_compute_request(std::string_view text);

/// One compact JSON object, keys in the order of the contract.
std::string write_compute_answer(const ComputeRequest& request, const NavFigures& figures);

/// Both, around calculate_nav; throws base::Refused.
std::string compute_answer(std::string_view text);

}  // namespace navkeeper::nav
