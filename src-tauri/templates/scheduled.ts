// Runs at the times that the Run tab lists, in UTC. "Run now" there tries it.
export default {
  async scheduled(controller: ScheduledController): Promise<void> {
    const due = new Date(controller.scheduledTime)
    console.log(`Ran for ${controller.cron}, due at ${due.toISOString()}`)
  },
}
