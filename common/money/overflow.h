#pragma once
#include <stdexcept>

namespace navkeeper::money {

/// A result does not fit its type. Thrown, never wrapped round, never saturated; a caller that computes from
/// outside input turns it into a refusal that names the input.
struct OverflowError : std::overflow_error {
  using std::overflow_error::overflow_error;
};

/// A division by zero; its callers check first, so reaching it is a bug or hostile input.
struct DivisionByZero : std::domain_error {
  using std::domain_error::domain_error;
};

}  // namespace navkeeper::money
