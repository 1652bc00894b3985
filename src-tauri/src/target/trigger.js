// Runs in workerd beside the function. Calls its `scheduled` handler by hand: workerd has no clock for schedules.
export default {
  async fetch(request, env) {
    const { cron, at } = await request.json();
    try {
      const { outcome } = await env.FN.scheduled({ cron, scheduledTime: new Date(at) });
      return Response.json({ outcome });
    } catch (error) {
      return Response.json({ error: String(error) });
    }
  },
};
