#pragma once
// A configured custodian, to be asked and told.
#include <memory>

#include "services/custody/adapters/custodians/caller.h"
#include "services/custody/adapters/settings.h"
#include "services/custody/app/sync_custodian.h"

namespace navkeeper::custody {

/// Over HTTP, with the credentials of its file, at the pace that all who use its key share. A call has no
/// further try after twice its time-out. Throws base::Refused when credentials or address cannot be used.
std::unique_ptr<CustodianConnection> connect_custodian(const CustodianSettings& settings, Evidence& evidence,
                                                       const time::Clock& clock, SharedPace pace);
/// How it is asked for everything.
SyncSettings sync_settings_of(const CustodianSettings& settings);
/// The same over a transport of the caller's own, such as a test's.
std::unique_ptr<CustodianConnection> make_custodian(const CustodianSettings& settings,
                                                    Credentials credentials, Transport transport,
                                                    Evidence& evidence, const time::Clock& clock, Sleep sleep,
                                                    Chance chance, CallerLimits limits = {});

}  // namespace navkeeper::custody
