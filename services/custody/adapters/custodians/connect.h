#pragma once
// A configured custodian, to be asked and told.
#include <memory>

#include "services/custody/adapters/custodians/caller.h"
#include "services/custody/adapters/settings.h"

namespace navkeeper::custody {

/// Over HTTP, with the credentials of its file. Throws base::Refused when they or the address cannot be used.
std::unique_ptr<CustodianConnection> connect_custodian(const CustodianSettings& settings, Evidence& evidence,
                                                       const time::Clock& clock);
/// The same over a transport of the caller's own, such as a test's.
std::unique_ptr<CustodianConnection> make_custodian(const CustodianSettings& settings,
                                                    Credentials credentials, Transport transport,
                                                    Evidence& evidence, const time::Clock& clock, Sleep sleep,
                                                    Chance chance, CallerLimits limits = {});

}  // namespace navkeeper::custody
