#pragma once
// Result<T, E>: a value or a refusal. E is a scoped enum of the decision's refusals, in the order in which
// they are tried, or base::Refusal where the answer must name a place in the input.
#include <boost/system/result.hpp>

namespace navkeeper::base {

template <class T, class E>
using Result = boost::system::result<T, E>;

}  // namespace navkeeper::base
