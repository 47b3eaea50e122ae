"use strict";

// validatorUrl: null, because the page must not ask another server about the document.
SwaggerUIBundle({ url: "/openapi.json", dom_id: "#swagger-ui", deepLinking: true, validatorUrl: null });
