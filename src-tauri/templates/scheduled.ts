// Runs at the times that the Run tab lists, in UTC. "Run now" tries it.
export default {
  async scheduled(controller: ScheduledController): Promise<void> {
    const due = new Date(controller.scheduledTime).toISOString()
    console.log(`Ran for ${controller.cron}, due at ${due}`)
  },
}
