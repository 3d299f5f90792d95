// /health, for the Worker.
export const onRequest = ({ request, env }) => env.DONATION_PORTAL.fetch(request);
