// Stripe's deliveries, for the Worker: the body goes on byte for byte, because it is what was signed.
export const onRequest = ({ request, env }) => env.DONATION_PORTAL.fetch(request);
