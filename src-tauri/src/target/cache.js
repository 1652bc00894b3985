// Runs in workerd beside the function. What `caches` asks: nothing is kept, as on an address of workers.dev.
export default {
  fetch(request) {
    if (request.method === 'PUT') return new Response(null, { status: 204 });
    if (request.method === 'PURGE') return new Response(null, { status: 404 });
    return new Response(null, { status: 504, headers: { 'cf-cache-status': 'MISS' } });
  },
};
