#include "services/custody/adapters/custodians/connect.h"

#include "services/custody/adapters/custodians/crypto_com_source.h"
#include "services/custody/adapters/custodians/prime_source.h"

namespace navkeeper::custody {

std::unique_ptr<CustodianConnection> make_custodian(const CustodianSettings& settings,
                                                    Credentials credentials, Transport transport,
                                                    Evidence& evidence, const time::Clock& clock, Sleep sleep,
                                                    Chance chance, CallerLimits limits) {
  switch (settings.protocol) {
    case CustodianProtocol::kCryptoCom:
      return std::make_unique<CryptoComSource>(settings, std::move(credentials), std::move(transport),
                                               evidence, clock, std::move(sleep), std::move(chance), limits);
    case CustodianProtocol::kCoinbasePrime:
      return std::make_unique<PrimeSource>(settings, std::move(credentials), std::move(transport), evidence,
                                           clock, std::move(sleep), std::move(chance), limits);
  }
  return nullptr;
}

std::unique_ptr<CustodianConnection> connect_custodian(const CustodianSettings& settings, Evidence& evidence,
                                                       const time::Clock& clock) {
  const bool prime = settings.protocol == CustodianProtocol::kCoinbasePrime;
  const std::string url = !settings.base_url.empty() ? settings.base_url : prime ? kPrimeUrl : kCryptoComUrl;
  return make_custodian(settings, read_credentials(settings.credentials_file, prime),
                        http_transport(url, settings.ca_file, std::chrono::seconds(settings.timeout_seconds)),
                        evidence, clock, thread_sleep(), random_chance());
}

}  // namespace navkeeper::custody
