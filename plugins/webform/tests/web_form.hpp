#pragma once

#include "tests/capturing_channel.hpp"

namespace leadhub::webform::testing {

using WebForm = CapturingChannel;

/// The website of examples/hub.yaml.
inline Json website() {
  return Json::parse(R"({"provider": "html", "event": "form.submitted", "title": "Talk to us",
    "fields": {"your-email": {"to": "email", "required": true, "label": "E-mail"},
               "your-name": {"to": "name", "label": "Name"}, "tel": {"to": "phone", "label": "Phone"},
               "company": {"to": "company"}, "size": {"to": "attributes.company_size", "type": "integer"},
               "about": {"to": "message", "label": "What can we do for you?"}},
    "consent": [{"field": "accept", "purpose": "marketing_email",
                 "text": "Yes, send me mail about engines. I can leave at any time."}],
    "spam": {"honeypot": "website_url", "min_seconds": 2, "per_address": "10 per 1m"},
    "origins": ["http://localhost:8080", "https://www.example.com"],
    "thank_you": "https://www.example.com/thanks"})");
}

}  // namespace leadhub::webform::testing
