const ran: string[] = []

export default {
  async scheduled(controller, env, ctx) {
    ran.push(controller.cron)
    ctx.waitUntil(scheduler.wait(1).then(() => console.log(`cleaned up at ${controller.cron}`)))
  },
  fetch: () => Response.json(ran),
} satisfies ExportedHandler
