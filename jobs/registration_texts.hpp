#pragma once

#include "jobs/registration_plan.hpp"

#include <string>

/// How a Microsoft registration reads in each form.
namespace mailfleet::jobs {

/// What the forms are made from: a wish that was checked, and what follows from it.
struct registration_values {
  const registration_wish& wanted;
  const registration_plan& plan;
};

[[nodiscard]] std::string microsoft_steps(const registration_values& values);
[[nodiscard]] std::string microsoft_manifest(const registration_values& values);
[[nodiscard]] std::string microsoft_az(const registration_values& values);
[[nodiscard]] std::string microsoft_graph_requests(const registration_values& values);
[[nodiscard]] std::string microsoft_powershell(const registration_values& values);

/// Where an administrator consents for all, in a browser; empty if there is none.
[[nodiscard]] std::string admin_consent_url(const registration_values& values);

} // namespace mailfleet::jobs
